//! Random pricing questions with the native answers, and the time that a quote takes.
//!
//! ```text
//! pricing_cases cases SEED COUNT   two lines for each case: the question and the answer, as JSON
//! pricing_cases quote SEED         one question of 20 lines with 200 promotions, and its answer
//! pricing_cases time               microseconds of such a quote over rule books: median, 99th percentile, slowest
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

/// Over many rule books, because one may be kinder than another; of each the median of its runs, so that what else the
/// machine does isn't taken for a slow book.
fn time() -> Result<(), Box<dyn Error>> {
    let (mut ready, mut from_scratch) = (Vec::new(), Vec::new());
    for seed in 0..100 {
        let case = case(seed, QUOTE);
        let rules = RuleBook::new(&case.promotions[..]);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let start = Instant::now();
            std::hint::black_box(rules.price(&case.draft, &case.book, &case.usage)?);
            a.push(start.elapsed());
            let start = Instant::now();
            std::hint::black_box(price(&case.draft, &case.book, &case.promotions, &case.usage)?);
            b.push(start.elapsed());
        }
        a.sort();
        b.sort();
        ready.push(a[a.len() / 2]);
        from_scratch.push(b[b.len() / 2]);
    }
    for (what, mut times) in [("with a rule book", ready), ("from promotions", from_scratch)] {
        times.sort();
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_nanos() as f64 / 1_000.0;
        println!("{what}: median {:.1} µs, p99 {:.1} µs, slowest book {:.1} µs", at(50), at(99), at(100));
    }
    Ok(())
}
