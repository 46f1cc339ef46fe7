//! The password policy. Reuse and lockout need history and are not judged here.

/// The fewest characters of a password.
pub const MIN_LENGTH: usize = 8;

text_enum! {
    /// A demand on a password.
    pub enum PasswordRule as "password rule" {
        /// At least 8 characters.
        Length = "length",
        /// An upper-case letter.
        Upper = "upper",
        /// A lower-case letter.
        Lower = "lower",
        /// A digit.
        Digit = "digit",
        /// A character that is neither letter nor digit nor space.
        Special = "special",
    }
}

impl PasswordRule {
    fn met_by(self, password: &str) -> bool {
        match self {
            Self::Length => password.chars().count() >= MIN_LENGTH,
            Self::Upper => password.chars().any(char::is_uppercase),
            Self::Lower => password.chars().any(char::is_lowercase),
            Self::Digit => password.chars().any(|c| c.is_ascii_digit()),
            Self::Special => {
                password.chars().any(|c| !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control())
            }
        }
    }
}

/// A password that misses some demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the password needs at least 8 characters with an upper-case letter, a lower-case letter, a digit and a special \
     character; missing: {}",
    unmet.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ")
)]
pub struct WeakPassword {
    /// Every demand it misses.
    pub unmet: Vec<PasswordRule>,
}

/// Checks a new password against the policy.
pub fn check(password: &str) -> Result<(), WeakPassword> {
    let unmet: Vec<_> = PasswordRule::ALL.iter().copied().filter(|rule| !rule.met_by(password)).collect();
    if unmet.is_empty() { Ok(()) } else { Err(WeakPassword { unmet }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PasswordRule::{Digit, Length, Lower, Special, Upper};

    #[test]
    fn every_unmet_demand_is_listed() {
        for (password, unmet) in [
            ("", vec![Length, Upper, Lower, Digit, Special]),
            ("matkhau1", vec![Upper, Special]),
            ("Mk1@", vec![Length]),
            ("MATKHAU 2026", vec![Lower, Special]),
            ("Matkhau@", vec![Digit]),
        ] {
            assert_eq!(check(password), Err(WeakPassword { unmet }), "{password}");
        }
        assert_eq!(check("Diligo@2026"), Ok(()));
        assert_eq!(check("Đồng@2026 hồ"), Ok(()));
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert_eq!(check("Đđ1@ữữữ"), Err(WeakPassword { unmet: vec![Length] }));
    }
}
