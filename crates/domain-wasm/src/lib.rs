//! The pricing engine for phones and browsers: JSON in, JSON out, over linear memory.
//!
//! The host writes UTF-8 into memory that it got from `alloc`, calls, and reads the answer: functions that answer return
//! its place and length as `place << 32 | length`. The host gives both the question and the answer back with `dealloc`.
//!
//! - `price(question)`: the question is `{draft, book, promotions, usage}`, the answer `{"ok": order}` or
//!   `{"error": {code, message, …}}`, byte for byte that of the server.
//! - `load(promotions)` keeps a rule book, so that many orders are priced without reading the promotions again: the answer
//!   is `{"ok": number of promotions}`. After it `quote(question)` takes `{draft, book, usage}`.
//!
//! There are no imports: nothing here can reach a clock, randomness or the network.

mod abi;
mod engine;

pub use engine::{Book, answer};
