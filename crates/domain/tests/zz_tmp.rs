//! tmp
#[test]
fn p() {
    use utoipa::{OpenApi};
    #[derive(OpenApi)]
    #[openapi(components(schemas(domain::pricing::Promotion, domain::pricing::OrderDraft, domain::pricing::PriceBook, domain::Percent, domain::attendance::WorkingDay, domain::route::Cadence, domain::Month, domain::OrderId, domain::Money, domain::pricing::PricedOrder,domain::Coordinates,domain::attendance::Attendance)))]
    struct D;
    println!("{}", D::openapi().to_pretty_json().unwrap());
}
