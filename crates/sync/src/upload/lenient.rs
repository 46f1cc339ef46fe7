//! Payloads of apps that know more than we do.

use platform::{ApiError, wrong_value};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Fields that are passed over in one payload.
const MOST_UNKNOWN: usize = 50;

/// Reads a payload; fields that aren't known are passed over and named. The ledger keeps them all.
///
/// # Errors
/// 400 that names the wrong field.
pub(crate) fn parse<T: DeserializeOwned>(payload: &Value) -> Result<(T, Vec<String>), ApiError> {
    let mut payload = payload.clone();
    let mut unknown = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize(&payload) {
            Ok(value) => return Ok((value, unknown)),
            Err(error) => error,
        };
        let reason = error.inner().to_string();
        let path: Vec<Segment> = error.path().iter().cloned().collect();
        let known = !reason.starts_with("unknown field") || unknown.len() >= MOST_UNKNOWN;
        if known || !remove(&mut payload, &path) {
            let field = error.path().to_string();
            return Err(wrong_value(if field == "." { "" } else { &field }, &reason));
        }
        unknown.push(error.path().to_string());
    }
}

fn remove(value: &mut Value, path: &[Segment]) -> bool {
    match (path, value) {
        ([Segment::Map { key }], Value::Object(members)) => members.remove(key).is_some(),
        ([Segment::Map { key }, rest @ ..], Value::Object(members)) => {
            members.get_mut(key).is_some_and(|inner| remove(inner, rest))
        }
        ([Segment::Seq { index }, rest @ ..], Value::Array(items)) => {
            items.get_mut(*index).is_some_and(|inner| remove(inner, rest))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        n: i64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        lines: Vec<Line>,
    }

    #[test]
    fn what_is_not_known_is_passed_over_and_named() {
        let (form, unknown) =
            parse::<Form>(&json!({"lines": [{"n": 1}, {"n": 2, "colour": {"a": 1}}], "later": 3})).unwrap();
        assert_eq!(form.lines.iter().map(|line| line.n).collect::<Vec<_>>(), [1, 2]);
        let mut unknown = unknown;
        unknown.sort();
        assert_eq!(unknown, ["later", "lines[1].colour"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = parse::<Form>(&json!({"lines": [{"n": "one"}]})).unwrap_err();
        let problem = error.problem(platform::Language::En, "");
        assert!(problem.errors.contains_key("lines[0].n"), "{problem:?}");
        assert!(parse::<Form>(&json!({})).is_err());
    }
}
