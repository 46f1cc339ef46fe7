//! The way of one trace: from a caller into our span, from our span into an event, from the event into the next span.

use std::fmt;

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// A place in a trace. As text it is a W3C `traceparent` where the span is known, else the id alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    /// The span, and whether it is exported.
    span: Option<(u64, bool)>,
}

impl Trace {
    /// A trace of its own.
    fn new() -> Self {
        Trace { id: rand::random_range(1..=u128::MAX), span: None }
    }

    /// What [`fmt::Display`] writes, and any `traceparent` of a version to come.
    pub fn parse(text: &str) -> Option<Trace> {
        let mut parts = text.trim().split('-');
        let first = parts.next()?;
        if first.len() == 32 {
            let id = hex(first, 32).filter(|id| *id != 0)?;
            return parts.next().is_none().then_some(Trace { id, span: None });
        }
        hex(first, 2).filter(|version| *version != 0xff)?;
        let id = hex(parts.next()?, 32).filter(|id| *id != 0)?;
        let span =
            hex(parts.next()?, 16).and_then(|span| u64::try_from(span).ok()).filter(|span| *span != 0)?;
        let sampled = hex(parts.next()?, 2)? & 1 == 1;
        Some(Trace { id, span: Some((span, sampled)) })
    }

    /// Its id alone, in 32 hexadecimal digits.
    pub fn id(&self) -> String {
        format!("{:032x}", self.id)
    }

    /// The span's id, in 16 hexadecimal digits.
    pub fn span_id(&self) -> Option<String> {
        self.span.map(|(span, _)| format!("{span:016x}"))
    }

    /// As others understand it, where the span is known.
    pub fn traceparent(&self) -> Option<String> {
        self.span.map(|_| self.to_string())
    }

    /// Whether its spans are exported.
    pub(crate) fn is_sampled(&self) -> bool {
        self.span.is_some_and(|(_, sampled)| sampled)
    }

    pub(crate) fn as_parent(&self) -> Option<opentelemetry::Context> {
        let (span, sampled) = self.span?;
        let flags = if sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let (id, span) = (TraceId::from(self.id), SpanId::from(span));
        let context = SpanContext::new(id, span, flags, true, TraceState::default());
        Some(opentelemetry::Context::new().with_remote_span_context(context))
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Some((span, sampled)) => write!(f, "00-{:032x}-{span:016x}-{:02x}", self.id, u8::from(sampled)),
            None => write!(f, "{:032x}", self.id),
        }
    }
}

fn hex(text: &str, digits: usize) -> Option<u128> {
    // `from_str_radix` would take a sign too.
    let all_digits = text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    all_digits.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Makes a new span go on with the trace that `parent` names, or begin one, and says which it is. Work within the span, and
/// the lines of its log, belong to it; so it has to be called before the span is entered.
pub fn join(span: &Span, parent: Option<&str>) -> Trace {
    let parent = parent.and_then(Trace::parse);
    if let Some(context) = parent.and_then(|parent| parent.as_parent()) {
        // It fails where nothing is exported.
        drop(span.set_parent(context));
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    let trace = if own.is_valid() {
        let id = u128::from_be_bytes(own.trace_id().to_bytes());
        Trace { id, span: Some((u64::from_be_bytes(own.span_id().to_bytes()), own.is_sampled())) }
    } else {
        parent.map_or_else(Trace::new, |parent| Trace { id: parent.id, span: None })
    };
    span.with_subscriber(|(id, dispatch)| {
        if let Some(span) = dispatch.downcast_ref::<Registry>().and_then(|registry| registry.span(id)) {
            span.extensions_mut().insert(trace);
        }
    });
    trace
}

/// The trace of the work in hand, if it belongs to one that is exported or logged.
pub fn current() -> Option<Trace> {
    Span::current()
        .with_subscriber(|(id, dispatch)| of(dispatch.downcast_ref::<Registry>()?.span(id)?))
        .flatten()
}

/// The trace of a span, or of the nearest around it.
pub(crate) fn of<'a, R: LookupSpan<'a>>(span: SpanRef<'a, R>) -> Option<Trace> {
    span.scope().find_map(|span| span.extensions().get::<Trace>().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "0af7651916cd43dd8448eb211c80319c",
        ] {
            assert_eq!(Trace::parse(text).unwrap().to_string(), text);
        }
        let later = Trace::parse("01-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-03-more").unwrap();
        assert_eq!(later.to_string(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert_eq!(later.id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(later.span_id().unwrap(), "b7ad6b7169203331");
    }

    #[test]
    fn what_is_no_trace_is_none() {
        for text in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c8031-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00000000000000000000000000000000",
            "01a204f1-d395-7173-9090-748e9651d7d7",
        ] {
            assert_eq!(Trace::parse(text), None, "{text}");
        }
    }
}
