//! Text as people search for it, and telephone numbers as they dial them.

/// The key under which a text is found: lower case, without Vietnamese diacritics, đ as d, words one space apart.
/// Composed and decomposed spellings of the same text give the same key.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        key.extend(
            word.chars().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)).map(base_letter),
        );
    }
    key
}

const fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}')
}

const fn base_letter(c: char) -> char {
    match c {
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ' | 'ẫ'
        | 'ậ' => 'a',
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ'
        | 'ợ' => 'o',
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        'đ' => 'd',
        other => other,
    }
}

/// A text that is no Vietnamese telephone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a telephone number; write it as 0912345678 or +84912345678")]
pub struct InvalidPhone(pub String);

/// Brings a telephone number to the form that is dialled inside Vietnam: `+84 912.345.678` → `0912345678`.
///
/// Accepts mobile and fixed numbers (10 or 11 digits), service numbers (1800…, 1900…), and mobile numbers whose
/// leading zero a spreadsheet has eaten.
pub fn normalise_phone(text: &str) -> Result<String, InvalidPhone> {
    let invalid = || InvalidPhone(text.to_owned());
    let mut number = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '0'..='9' => number.push(c),
            '+' if number.is_empty() => number.push(c),
            ' ' | '\u{a0}' | '.' | '-' | '(' | ')' => {}
            _ => return Err(invalid()),
        }
    }
    let abroad = number.strip_prefix("+84").or_else(|| number.strip_prefix("0084"));
    let without_country = abroad
        .or_else(|| number.strip_prefix("84").filter(|rest| number.len() >= 11 && !rest.starts_with('0')));
    let national = match without_country {
        // "+84 (0) 912…" is a common way to write it.
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None if number.len() == 9 && number.starts_with(['3', '5', '7', '8', '9']) => format!("0{number}"),
        None => number,
    };
    let subscriber =
        national.starts_with('0') && !national.starts_with("00") && matches!(national.len(), 10 | 11);
    let service =
        (national.starts_with("1800") || national.starts_with("1900")) && matches!(national.len(), 8..=10);
    if subscriber || service { Ok(national) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn search_ignores_case_and_diacritics() {
        assert_eq!(search_key("Sữa tắm"), "sua tam");
        assert_eq!(search_key("Đồng"), "dong");
        assert_eq!(search_key("  TẠP\u{a0}HÓA   Cô Ánh\n"), "tap hoa co anh");
        assert_eq!(search_key("SP-001 (50g)"), "sp-001 (50g)");
    }

    #[test]
    fn every_vietnamese_letter_has_its_base_letter() {
        let lower = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ";
        assert!(search_key(lower).is_ascii());
        assert_eq!(search_key(&lower.to_uppercase()), search_key(lower));
    }

    #[test]
    fn composed_and_decomposed_spellings_are_found_alike() {
        assert_eq!(search_key("Sư\u{0303}a tă\u{0301}m"), "sua tam");
        assert_eq!(search_key("Su\u{031b}\u{0303}a ta\u{0306}\u{0301}m"), "sua tam");
    }

    #[test]
    fn phones_are_brought_to_one_form() {
        for (typed, dialled) in [
            ("0912345678", "0912345678"),
            (" 0912.345.678 ", "0912345678"),
            ("+84 912 345 678", "0912345678"),
            ("+84 (0) 912-345-678", "0912345678"),
            ("0084912345678", "0912345678"),
            ("84912345678", "0912345678"),
            ("912345678", "0912345678"),
            ("0842345678", "0842345678"),
            ("842345678", "0842345678"),
            ("024 3825 1234", "02438251234"),
            ("1900 6017", "19006017"),
        ] {
            assert_eq!(normalise_phone(typed).as_deref(), Ok(dialled), "{typed}");
        }
        for wrong in
            ["", "abc", "12345", "0912345", "0912345678 - 0987654321", "+1 212 555 0100", "00123456789"]
        {
            assert_eq!(normalise_phone(wrong), Err(InvalidPhone(wrong.to_owned())), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_search_key_is_its_own_key(text in "\\PC{0,40}") {
            let key = search_key(&text);
            prop_assert_eq!(search_key(&key), key);
        }

        #[test]
        fn a_normal_phone_stays_as_it_is(text in "[0-9+ .()-]{6,16}") {
            if let Ok(phone) = normalise_phone(&text) {
                prop_assert_eq!(normalise_phone(&phone), Ok(phone));
            }
        }
    }
}
