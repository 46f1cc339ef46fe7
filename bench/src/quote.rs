//! A quote of 20 lines with 200 promotions, natively and by WebAssembly under Node.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::limits::Bound;

/// What `scripts/test-wasm time` says, and the most it may be, in µs.
const SAID: [(&str, &str, f64); 2] = [
    ("with a rule book: median ", "quote of 20 lines, 200 promotions, native, p50", 100.0),
    ("wasm with loaded promotions: median ", "quote of 20 lines, 200 promotions, WebAssembly, p50", 1000.0),
];

pub fn measure(bounds: &mut Vec<Bound>) -> anyhow::Result<()> {
    let out = Command::new("scripts/test-wasm").arg("time").output().context("scripts/test-wasm")?;
    let text = String::from_utf8_lossy(&out.stdout);
    ensure!(out.status.success(), "scripts/test-wasm time: {text}{}", String::from_utf8_lossy(&out.stderr));
    for (start, figure, limit) in SAID {
        let micros = text
            .lines()
            .find_map(|line| line.strip_prefix(start)?.split(' ').next()?.parse::<f64>().ok())
            .with_context(|| format!("no line that begins with \"{start}\" in {text}"))?;
        bounds.push(Bound::at_most(figure, micros, "µs", limit));
    }
    Ok(())
}
