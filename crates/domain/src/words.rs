//! Amounts in Vietnamese words, as documents print them.

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
const BILLION: u64 = 1_000_000_000;

/// `1_205_000` → `Một triệu hai trăm lẻ năm nghìn đồng`.
pub(crate) fn amount(dong: i64) -> String {
    let mut words: Vec<&str> = Vec::new();
    if dong < 0 {
        words.push("âm");
    }
    number(dong.unsigned_abs(), &mut words);
    words.push("đồng");
    let text = words.join(" ");
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

fn number(n: u64, words: &mut Vec<&str>) {
    if n == 0 {
        words.push(DIGITS[0]);
        return;
    }
    let billions = n / BILLION;
    if billions > 0 {
        number(billions, words);
        words.push("tỷ");
    }
    let mut leading = billions == 0;
    for (scale, name) in [(1_000_000, Some("triệu")), (1_000, Some("nghìn")), (1, None)] {
        let group = n % BILLION / scale % 1_000;
        if group == 0 {
            continue;
        }
        three_digits(group, leading, words);
        words.extend(name);
        leading = false;
    }
}

/// A group of three digits; inside a number the hundreds are said even when they are zero.
fn three_digits(group: u64, leading: bool, words: &mut Vec<&str>) {
    let digit = |n: u64| DIGITS[(n % 10) as usize];
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    if hundreds > 0 || !leading {
        words.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if ones > 0 && (hundreds > 0 || !leading) => words.push("lẻ"),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([digit(tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(digit(ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_an_accountant_writes_them() {
        for (dong, words) in [
            (0, "Không đồng"),
            (5, "Năm đồng"),
            (10, "Mười đồng"),
            (15, "Mười lăm đồng"),
            (21, "Hai mươi mốt đồng"),
            (105, "Một trăm lẻ năm đồng"),
            (1_000, "Một nghìn đồng"),
            (1_005, "Một nghìn không trăm lẻ năm đồng"),
            (420_008, "Bốn trăm hai mươi nghìn không trăm lẻ tám đồng"),
            (1_205_000, "Một triệu hai trăm lẻ năm nghìn đồng"),
            (1_234_567, "Một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy đồng"),
            (1_000_000_000, "Một tỷ đồng"),
            (2_000_015_000, "Hai tỷ không trăm mười lăm nghìn đồng"),
            (1_500_000_000_000, "Một nghìn năm trăm tỷ đồng"),
            (-31_112, "Âm ba mươi mốt nghìn một trăm mười hai đồng"),
        ] {
            assert_eq!(amount(dong), words);
        }
        assert!(amount(i64::MIN).starts_with("Âm chín tỷ hai trăm hai mươi ba triệu"));
    }
}
