//! Figures that have a limit of their own, beside no bare statement.

use serde::Serialize;

/// A figure that must not be above, or below, a limit.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bound {
    pub figure: String,
    pub found: f64,
    pub unit: &'static str,
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
}

impl Bound {
    pub fn at_most(figure: impl Into<String>, found: f64, unit: &'static str, limit: f64) -> Bound {
        Bound { figure: figure.into(), found, unit, at_most: Some(limit), at_least: None }
    }

    pub fn at_least(figure: impl Into<String>, found: f64, unit: &'static str, limit: f64) -> Bound {
        Bound { figure: figure.into(), found, unit, at_most: None, at_least: Some(limit) }
    }

    /// Only told.
    pub fn told(figure: impl Into<String>, found: f64, unit: &'static str) -> Bound {
        Bound { figure: figure.into(), found, unit, at_most: None, at_least: None }
    }
}

/// Prints the figures, and writes them to a file.
pub fn report(bounds: &[Bound], path: &str) -> anyhow::Result<()> {
    for bound in bounds {
        let limit = match (bound.at_most, bound.at_least) {
            (Some(most), _) => format!("at most {most}"),
            (_, Some(least)) => format!("at least {least}"),
            _ => String::new(),
        };
        println!("{:<58} {:>12.2} {:<4} {limit}", bound.figure, bound.found, bound.unit);
    }
    if !bounds.is_empty() {
        std::fs::write(path, serde_json::to_string_pretty(bounds)? + "\n")?;
    }
    Ok(())
}
