//! SMS.

mod esms;
mod twilio;

pub use esms::Esms;
pub use twilio::Twilio;
use uuid::Uuid;

use crate::Attempt;

/// An SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsMessage {
    /// The same for each attempt, so that a provider that looks at it sends only one.
    pub id: Uuid,
    /// To whom.
    pub to: PhoneNumber,
    /// What.
    pub text: String,
}

/// What a provider needs to know of us.
#[derive(Clone)]
pub struct SmsAccount {
    /// Its name for us.
    pub account: String,
    /// What proves it.
    pub secret: String,
    /// Who messages are from: a brand name or a number.
    pub sender: String,
    /// Another address than the provider's.
    pub endpoint: Option<String>,
}

/// Sends SMS.
pub trait Sms: Send + Sync + 'static {
    /// Hands the message over.
    fn send<'a>(&'a self, message: &'a SmsMessage) -> Attempt<'a>;
}

/// A telephone number as the whole world writes it: `+84901234567`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// From what people type; a number without a country is one of Việt Nam.
    pub fn parse(text: &str) -> Option<PhoneNumber> {
        let plus = text.trim_start().starts_with('+');
        if text.chars().any(|c| !(c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '-' | '(' | ')'))) {
            return None;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let full = match (plus, digits.strip_prefix('0')) {
            (true, _) => digits,
            (false, Some(rest)) => format!("84{rest}"),
            (false, None) if digits.starts_with("84") && digits.len() >= 11 => digits,
            (false, None) => return None,
        };
        (9..=15).contains(&full.len()).then(|| PhoneNumber(format!("+{full}")))
    }

    /// `+84901234567`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `+84•••••567`: enough for its owner to know it by.
    pub fn masked(&self) -> String {
        let digits = self.0.len();
        let dots = "•".repeat(digits.saturating_sub(6));
        format!("{}{dots}{}", &self.0[..3], &self.0[digits - 3..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_understood_as_people_type_them() {
        for text in ["0901234567", "090 123 4567", "(090) 123-4567", "84901234567", "+84 901.234.567"] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), "+84901234567", "{text}");
        }
        assert_eq!(PhoneNumber::parse("+1 415 555 0100").unwrap().as_str(), "+14155550100");
        for text in ["", "123", "0901", "gọi lan", "901234567", "0901234567 (Lan)"] {
            assert_eq!(PhoneNumber::parse(text), None, "{text}");
        }
        assert_eq!(PhoneNumber::parse("0901234567").unwrap().masked(), "+84••••••567");
    }
}
