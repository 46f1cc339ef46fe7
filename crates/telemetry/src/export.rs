//! Where spans go: to a collector by OTLP (HTTP, protobuf), to Azure's Application Insights, or both.
//!
//! Each way has a thread and a queue of its own. A span that finds its queue full is dropped: nobody ever waits for a
//! collector.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::{Error, Exports};

/// The variables in which OpenTelemetry names the collector; its others (`OTEL_EXPORTER_OTLP_HEADERS`,
/// `OTEL_TRACES_SAMPLER`, `OTEL_BSP_MAX_QUEUE_SIZE`, …) mean what they do everywhere.
const OTLP: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
/// Azure gets so long for a batch.
const LIMIT: Duration = Duration::from_secs(10);

/// The address of the collector that the environment names, if it does.
pub fn collector() -> Option<String> {
    let [own, base] = OTLP.map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    own.or_else(|| base.map(|base| format!("{}/v1/traces", base.trim_end_matches('/'))))
}

/// None when spans go nowhere. Not to be called on a runtime: both ways wait for their answers in threads of their own.
pub(crate) fn provider(exports: &Exports<'_>) -> Result<Option<SdkTracerProvider>, Error> {
    let insights = exports.insights.filter(|connection| !connection.is_empty());
    let collector = collector();
    if collector.is_none() && insights.is_none() {
        return Ok(None);
    }
    let mut provider = SdkTracerProvider::builder().with_resource(resource(exports));
    if collector.is_some() {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .build()
            .map_err(|error| Error::Collector(error.to_string()))?;
        provider = provider.with_batch_exporter(exporter);
    }
    if let Some(connection) = insights {
        provider = provider.with_batch_exporter(application_insights(connection)?);
    }
    Ok(Some(provider.build()))
}

fn application_insights(
    connection: &str,
) -> Result<opentelemetry_application_insights::Exporter<reqwest::blocking::Client>, Error> {
    let client = reqwest::blocking::Client::builder()
        .timeout(LIMIT)
        .build()
        .map_err(|error| Error::Client(error.to_string()))?;
    // What is wrong isn't said more exactly: the string holds a key.
    let exporter =
        opentelemetry_application_insights::Exporter::new_from_connection_string(connection, client)
            .map_err(|_| Error::Insights)?
            .with_sample_rate(kept(|name| std::env::var(name).ok()))
            .with_retry_notify(|error, pause| {
                tracing::warn!(%error, seconds = pause.as_secs_f64(), "Application Insights doesn't take traces; trying again");
            });
    // The library makes https of every address, also of a proxy's next door that speaks plain HTTP.
    match ingestion_endpoint(connection).filter(|endpoint| endpoint.starts_with("http://")) {
        #[expect(deprecated, reason = "the only way to an address of plain HTTP")]
        Some(endpoint) => exporter.with_endpoint(endpoint).map_err(|_| Error::Insights),
        None => Ok(exporter),
    }
}

/// The part of the traces that the sampler keeps, by which Application Insights multiplies what it counts.
fn kept(variable: impl Fn(&str) -> Option<String>) -> f64 {
    let by_ratio = variable("OTEL_TRACES_SAMPLER").is_some_and(|name| name.ends_with("traceidratio"));
    let ratio = variable("OTEL_TRACES_SAMPLER_ARG").filter(|_| by_ratio).and_then(|ratio| ratio.parse().ok());
    ratio.filter(|ratio| *ratio > 0.0 && *ratio <= 1.0).unwrap_or(1.0)
}

/// Where a connection string says that telemetry goes, if it does.
pub fn ingestion_endpoint(connection: &str) -> Option<&str> {
    connection.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("IngestionEndpoint").then_some(value.trim())
    })
}

fn resource(exports: &Exports<'_>) -> Resource {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let mut resource = Resource::builder().with_attributes([
        KeyValue::new("service.namespace", "diligo"),
        KeyValue::new("service.version", exports.version.to_owned()),
        KeyValue::new("service.instance.id", format!("{}/{}", host.trim(), std::process::id())),
        KeyValue::new("deployment.environment.name", exports.environment.to_owned()),
    ]);
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name(exports.service.to_owned());
    }
    resource.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_traces_counts_tenfold() {
        let environment = |sampler: &'static str, ratio: &'static str| {
            move |name: &str| Some(if name == "OTEL_TRACES_SAMPLER" { sampler } else { ratio }.to_owned())
        };
        assert_eq!(kept(environment("parentbased_traceidratio", "0.1")), 0.1);
        assert_eq!(kept(environment("traceidratio", "much")), 1.0);
        assert_eq!(kept(environment("always_on", "0.1")), 1.0);
        assert_eq!(kept(|_| None), 1.0);
    }

    #[test]
    fn the_endpoint_of_a_connection_string_is_found() {
        let connection = "InstrumentationKey=k;IngestionEndpoint=https://a.in/;LiveEndpoint=https://b/";
        assert_eq!(ingestion_endpoint(connection), Some("https://a.in/"));
        assert_eq!(ingestion_endpoint("InstrumentationKey=k"), None);
    }

    #[test]
    fn a_wrong_connection_string_is_not_repeated() {
        let error = application_insights("InstrumentationKey=geheim=;what").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("geheim"));
        assert!(error.to_string().contains("ApplicationInsights__ConnectionString"), "{error}");
    }
}
