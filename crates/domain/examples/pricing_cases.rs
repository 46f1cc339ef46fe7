//! Random pricing questions with the native answers, and the time that a quote takes.
//!
//! ```text
//! pricing_cases cases SEED COUNT   two lines for each case: the question and the answer, as JSON
//! pricing_cases quote SEED         one question of 20 lines with 200 promotions, and its answer
//! pricing_cases time               microseconds of such a quote: median and 99th percentile
//! ```

#![expect(clippy::unwrap_used, reason = "examples are made of what is known to be in range")]

#[path = "../tests/pricing/sample.rs"]
mod sample;

use domain::pricing::{RuleBook, price};
use sample::{Case, SMALL, Size, case};
use std::error::Error;
use std::io::Write;
use std::time::Instant;

/// A quote of 20 lines with 200 active promotions.
const QUOTE: Size = Size { products: 300, lines: (20, 20), promotions: (200, 200), plain: false };

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["cases", seed, count] => {
            let (seed, count): (u64, u64) = (seed.parse()?, count.parse()?);
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            for n in 0..count {
                write_case(&mut out, &case(seed.wrapping_add(n), SMALL))?;
            }
            Ok(out.flush()?)
        }
        ["quote", seed] => write_case(&mut std::io::stdout().lock(), &case(seed.parse()?, QUOTE)),
        ["time"] => time(),
        _ => Err("usage: pricing_cases cases SEED COUNT | quote SEED | time".into()),
    }
}

fn write_case(out: &mut impl Write, case: &Case) -> Result<(), Box<dyn Error>> {
    serde_json::to_writer(&mut *out, case)?;
    out.write_all(b"\n")?;
    // The form of the answers of domain-wasm; the cases are all in order.
    let order = price(&case.draft, &case.book, &case.promotions, &case.usage)?;
    out.write_all(br#"{"ok":"#)?;
    serde_json::to_writer(&mut *out, &order)?;
    out.write_all(b"}")?;
    Ok(out.write_all(b"\n")?)
}

/// Over several rule books, because one may be kinder than another.
fn time() -> Result<(), Box<dyn Error>> {
    let (mut ready, mut from_scratch) = (Vec::new(), Vec::new());
    for seed in 0..20 {
        let case = case(seed, QUOTE);
        let rules = RuleBook::new(&case.promotions[..]);
        for _ in 0..200 {
            let start = Instant::now();
            std::hint::black_box(rules.price(&case.draft, &case.book, &case.usage)?);
            ready.push(start.elapsed());
            let start = Instant::now();
            std::hint::black_box(price(&case.draft, &case.book, &case.promotions, &case.usage)?);
            from_scratch.push(start.elapsed());
        }
    }
    for (what, mut times) in [("with a rule book", ready), ("from promotions", from_scratch)] {
        times.sort();
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_nanos() as f64 / 1_000.0;
        println!("{what}: median {:.1} µs, p99 {:.1} µs", at(50), at(99));
    }
    Ok(())
}
