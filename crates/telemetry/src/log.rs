//! The log as lines of JSON, each with the trace it belongs to.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{Format, FormatEvent, FormatFields, Json, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::trace;

/// One line for one event, with `trace_id` and `span_id` where there are such.
pub(crate) struct JsonLines(Format<Json>);

impl JsonLines {
    pub(crate) fn new() -> Self {
        JsonLines(Format::default().json().with_current_span(false).with_span_list(false))
    }
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(trace) = ctx.lookup_current().and_then(trace::of) else {
            return self.0.format_event(ctx, writer, event);
        };
        let mut line = String::with_capacity(512);
        self.0.format_event(ctx, Writer::new(&mut line), event)?;
        let Some(open) = line.strip_suffix("}\n") else { return writer.write_str(&line) };
        write!(writer, r#"{open},"trace_id":"{}""#, trace.id())?;
        if let Some(span) = trace.span_id() {
            write!(writer, r#","span_id":"{span}""#)?;
        }
        writer.write_str("}\n")
    }
}

/// What spans say of themselves is for traces only, not for the log.
pub(crate) struct NoFields;

impl<'w> FormatFields<'w> for NoFields {
    fn format_fields<R: RecordFields>(&self, _: Writer<'w>, _: R) -> fmt::Result {
        Ok(())
    }
}
