//! What is said of problems, in Vietnamese and in English.

use std::borrow::Cow;

use domain::visit::{PolicyError, Problem};

/// All of them in a sentence, after what they stand in the way of.
pub(crate) fn list(vi: &str, en: &str, problems: &[Problem]) -> (Cow<'static, str>, Cow<'static, str>) {
    let join = |start: &str, say: fn(&Problem) -> String| {
        let said: Vec<String> = problems.iter().map(say).collect();
        format!("{start}: {}.", said.join("; ")).into()
    };
    (join(vi, vietnamese), join(en, ToString::to_string))
}

/// One of them, as a part of a sentence.
pub(crate) fn vietnamese(problem: &Problem) -> String {
    match problem {
        Problem::OutOfRange { distance_metres, radius_metres } => {
            format!("bạn đang cách điểm bán {distance_metres} m (cho phép {radius_metres} m)")
        }
        Problem::PoorAccuracy { accuracy_metres, limit_metres } => {
            format!(
                "vị trí có thể sai đến {accuracy_metres} m (cho phép {limit_metres} m), hãy bật GPS và chờ ít giây"
            )
        }
        Problem::OffRoute => "điểm bán không có trong kế hoạch hôm nay".to_owned(),
        Problem::TooShort { seconds, minimum_seconds } => format!(
            "lượt ghé thăm mới được {} phút {} giây (cần ít nhất {} phút)",
            seconds / 60,
            seconds % 60,
            minimum_seconds / 60
        ),
        Problem::OutletState => "hãy chọn tình trạng điểm bán".to_owned(),
        Problem::ShelfStock => "hãy kiểm tồn kệ".to_owned(),
        Problem::Photos { album: Some(album), missing } => {
            format!("hãy chụp thêm {missing} ảnh vào album \"{album}\"")
        }
        Problem::Photos { album: None, missing } => format!("hãy chụp thêm {missing} ảnh"),
        Problem::Survey { code } => format!("hãy làm khảo sát {code}"),
        Problem::DisplayPhotos { program, missing } => {
            format!("hãy chụp thêm {missing} ảnh trưng bày của chương trình {program}")
        }
    }
}

/// Why a policy can't be meant.
pub(crate) const fn policy(error: PolicyError) -> &'static str {
    match error {
        PolicyError::Radius => "Bán kính phải từ 10 đến 100.000 m.",
        PolicyError::Accuracy => "Giới hạn sai số phải từ 0 đến 100.000 m.",
        PolicyError::Minutes => "Thời gian tối thiểu phải từ 0 đến 480 phút.",
        PolicyError::Steps => "Tối đa 50 bước.",
        PolicyError::Photos => "Mỗi bước chụp ảnh phải từ 1 đến 50 ảnh.",
        PolicyError::Name => "Thiếu tên album hoặc mã khảo sát, hoặc dài quá 100 ký tự.",
        PolicyError::BlockingRadius => {
            "Khi chặn check-in ngoài phạm vi, giới hạn sai số không được lớn hơn bán kính."
        }
    }
}
