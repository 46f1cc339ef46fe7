//! SQL statements as spans: the database library says after each what it was and how long it took.

use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanKind, Tracer as _};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::trace;

/// Where the database library speaks of its statements.
pub(crate) const TARGET: &str = "sqlx::query";
/// The longest text of a statement that is kept, in characters.
const LONGEST: usize = 2_000;

/// Makes spans of the statements of traced work. Others, like the looking for work ten times a second, are none.
pub(crate) struct Statements(pub(crate) SdkTracer);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        if event.metadata().target() != TARGET {
            return;
        }
        let Some(trace) = ctx.event_span(event).and_then(trace::of).filter(|trace| trace.is_sampled()) else {
            return;
        };
        let Some(parent) = trace.as_parent() else { return };
        let mut said = Said::default();
        event.record(&mut said);
        // The long text stands there only where it says more than its beginning.
        let text = without_values(if said.text.trim().is_empty() { &said.beginning } else { &said.text });
        let end = SystemTime::now();
        let start = end.checked_sub(said.took).unwrap_or(end);
        let mut span = self
            .0
            .span_builder(summary(&text))
            .with_kind(SpanKind::Client)
            .with_start_time(start)
            .with_attributes([
                KeyValue::new("db.system.name", "postgresql"),
                KeyValue::new("db.query.text", text),
                KeyValue::new("db.response.returned_rows", said.returned),
                KeyValue::new("db.response.affected_rows", said.affected),
            ])
            .start_with_context(&self.0, &parent);
        span.end_with_timestamp(end);
    }
}

#[derive(Default)]
struct Said {
    beginning: String,
    text: String,
    took: Duration,
    returned: i64,
    affected: i64,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.beginning),
            "db.statement" => value.clone_into(&mut self.text),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        match field.name() {
            "rows_returned" => self.returned = value,
            "rows_affected" => self.affected = value,
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).unwrap_or_default();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// On one line, with `?` for whatever stands in quotation marks: parameters are not part of the text, but who acts is.
fn without_values(text: &str) -> String {
    let mut short = String::with_capacity(text.len().min(LONGEST));
    let mut length = 0;
    let mut quoted = false;
    let mut space = false;
    for c in text.trim().chars() {
        if length >= LONGEST {
            short.push('…');
            break;
        }
        if c == '\'' {
            quoted = !quoted;
            if quoted && space {
                short.push(' ');
            }
            // A doubled quotation mark ends one text and begins another: one `?` is enough for both.
            if quoted && (space || !short.ends_with('?')) {
                short.push('?');
            }
            (length, space) = (length + 1, false);
        } else if quoted {
        } else if c.is_whitespace() {
            space = true;
        } else {
            if space {
                short.push(' ');
            }
            short.push(c);
            (length, space) = (length + 1, false);
        }
    }
    short
}

/// What it does, and to which table first: `insert orders`, `select customers`. A list of statements is called by what it
/// writes first.
fn summary(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let Some(first) = words.first() else { return "statement".to_owned() };
    let mut at = 0;
    if first == "with" {
        // `for update` and `do update` name no table.
        let writes = words.windows(2).position(|two| {
            matches!(two[1].as_str(), "insert" | "update" | "delete")
                && !matches!(two[0].as_str(), "for" | "do")
        });
        let reads = || words.iter().position(|word| word == "select");
        at = writes.map(|before| before + 1).or_else(reads).unwrap_or_default();
    }
    let verb = &words[at];
    let mut rest = words[at + 1..].iter();
    let table = match verb.as_str() {
        "update" => rest.next(),
        "insert" | "delete" | "select" => {
            rest.find(|word| matches!(word.as_str(), "into" | "from")).and_then(|_| rest.next())
        }
        _ => None,
    };
    table.map_or_else(|| verb.clone(), |table| format!("{verb} {table}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_kept() {
        let text = "set local dms.user = 'Nguyễn ''A''';\n  set local x = '1,2'  ; select  '' || $1";
        assert_eq!(without_values(text), "set local dms.user = ?; set local x = ? ; select ? || $1");
        assert_eq!(without_values(&"x".repeat(5_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_statement_is_called_by_what_it_does() {
        for (text, name) in [
            ("select a, b from customers where id = $1", "select customers"),
            ("with c as (select 1 from a for update) insert into orders (id) values ($1)", "insert orders"),
            ("with c as (select 1 from counters for update) select 1 from c", "select counters"),
            ("insert into outbox (id) values ($1)", "insert outbox"),
            ("update stock_items set pieces = $1", "update stock_items"),
            ("select 1", "select"),
            ("SET LOCAL x = ?", "set"),
            ("", "statement"),
        ] {
            assert_eq!(summary(text), name);
        }
    }
}
