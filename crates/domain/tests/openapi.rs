//! The schemas tell what really travels: the spelling of words and fields in OpenAPI is that of the JSON.

use domain::{price, pricing};
use serde_json::{Value, json};
use utoipa::PartialSchema;

fn schema<T: PartialSchema>() -> Value {
    json!(T::schema())
}

/// The names of all properties, however deep.
fn properties(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(fields)) = object.get("properties") {
                names.extend(fields.keys().cloned());
            }
            object.values().for_each(|value| properties(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

#[test]
fn words_are_spelled_in_the_schema_as_in_json() {
    assert_eq!(schema::<domain::Unit>()["enum"], json!(domain::Unit::ALL));
    assert_eq!(schema::<domain::Role>()["enum"], json!(domain::Role::ALL));
    assert_eq!(schema::<domain::OrderStatus>()["enum"], json!(domain::OrderStatus::ALL));
    assert_eq!(schema::<pricing::Basis>()["enum"], json!(pricing::Basis::ALL));
}

#[test]
fn fields_are_spelled_in_the_schema_as_in_json() {
    let mut names = Vec::new();
    for schema in [
        schema::<price::PriceScope>(),
        schema::<pricing::Promotion>(),
        schema::<pricing::PromotionKind>(),
        schema::<pricing::ProductReward>(),
        schema::<pricing::PricedLine>(),
        schema::<pricing::Benefit>(),
        schema::<pricing::Gain>(),
        schema::<domain::order::CreditProblem>(),
    ] {
        properties(&schema, &mut names);
    }
    assert!(names.iter().any(|name| name == "perMultiple"));
    let snake: Vec<_> = names.iter().filter(|name| name.contains('_')).collect();
    assert!(snake.is_empty(), "{snake:?}");
}

#[test]
fn amounts_are_plain_numbers() {
    assert_eq!(schema::<domain::Money>()["type"], "integer");
    assert_eq!(schema::<domain::Percent>()["type"], "number");
    assert_eq!(schema::<domain::OrderId>()["format"], "uuid");
}
