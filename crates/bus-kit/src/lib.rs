//! Message buses for tests.
//!
//! [`ServiceBus`] emulates what of Azure Service Bus a client needs that sends, receives, settles and reads dead letters; it
//! has a codec of its own, so that it shares no mistake with the client under test, and Microsoft's Python client accepts it
//! (see the tests). [`Rabbit`] is a real RabbitMQ with its plug-in for AMQP 1.0, on a folder of its own.
//!
//! Both can go down, hang and come back with what they kept.

mod codec;
mod rabbit;
mod service_bus;

pub use rabbit::Rabbit;
pub use service_bus::ServiceBus;
