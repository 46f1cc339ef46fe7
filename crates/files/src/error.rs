use axum::http::StatusCode;
use platform::ApiError;

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The bytes are no JPEG, PNG or WebP image.
    #[error("not an image")]
    NotAnImage,
    /// The image has too many pixels.
    #[error("the image is {width} × {height} pixels")]
    TooManyPixels {
        /// Across.
        width: u32,
        /// Down.
        height: u32,
    },
    /// The file has more than 15 MB.
    #[error("the file is too large")]
    TooLarge,
    /// The bytes are other ones than the digest says.
    #[error("the bytes have the digest {0}")]
    Digest(String),
    /// The name is no SHA-256.
    #[error("not a digest")]
    NotADigest,
    /// The `Content-Range` can't be read, or doesn't fit the body.
    #[error("the range doesn't fit")]
    Range,
    /// The part begins after what is here.
    #[error("only {received} bytes are here")]
    Gap {
        /// Bytes that are here from the beginning.
        received: u64,
    },
    /// The parts speak of files of different sizes; what was here is forgotten.
    #[error("the size changed")]
    SizeChanged,
    /// A part that is not the last has few bytes.
    #[error("the part is too small")]
    SmallPart,
    /// The store gives no links.
    #[error("the store signs no links")]
    NoLinks,
    /// The link was used, has expired or is somebody else's.
    #[error("no such link")]
    UnknownLink,
    /// Nothing was sent by the link.
    #[error("nothing was sent")]
    NothingSent,
    /// The image can't be decoded, so there is no smaller one.
    #[error("the image is broken")]
    Broken,
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::NotAnImage => ApiError::unprocessable(
                "files.not_an_image",
                "Tệp không phải ảnh JPEG, PNG hoặc WebP đọc được. Hãy chụp lại.",
                "The file is not a readable JPEG, PNG or WebP image. Take the photo again.",
            ),
            FileError::TooManyPixels { width, height } => ApiError::unprocessable(
                "files.image_too_large",
                format!("Ảnh {width} × {height} điểm ảnh là quá lớn. Hãy giảm độ phân giải."),
                format!("The image of {width} × {height} pixels is too large. Lower its resolution."),
            ),
            FileError::TooLarge => ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "Ảnh lớn hơn 15 MB. Hãy giảm dung lượng.",
                "The photo is larger than 15 MB. Make it smaller.",
            ),
            FileError::Digest(actual) => ApiError::unprocessable(
                "files.digest_mismatch",
                "Nội dung nhận được không khớp mã SHA-256. Chưa lưu gì; hãy gửi lại từ đầu.",
                "The bytes don't have this SHA-256. Nothing was stored; send them again from the beginning.",
            )
            .with("actual", actual),
            FileError::NotADigest => ApiError::invalid_field(
                "sha256",
                "Phải là SHA-256 gồm 64 chữ số thập lục phân viết thường",
                "Must be a SHA-256 of 64 lower-case hexadecimal digits",
            ),
            FileError::Range => ApiError::invalid_field(
                "Content-Range",
                "Phải là \"bytes đầu-cuối/tổng\" và khớp với nội dung",
                "Must be \"bytes first-last/total\" and fit the body",
            ),
            FileError::Gap { received } => ApiError::conflict(
                "files.gap",
                format!("Máy chủ mới có {received} byte đầu. Hãy gửi tiếp từ byte {received}."),
                format!("Only the first {received} bytes are here. Go on from byte {received}."),
            )
            .with("received", received),
            FileError::SizeChanged => ApiError::conflict(
                "files.size_changed",
                "Các phần đã gửi thuộc tệp có dung lượng khác nên đã bị bỏ. Hãy gửi lại từ đầu.",
                "The parts sent before are of a file of another size and were dropped. Send it from the beginning.",
            )
            .with("received", 0),
            FileError::SmallPart => ApiError::bad_request(
                "files.part_too_small",
                "Mỗi phần, trừ phần cuối, phải có ít nhất 64 KB.",
                "Each part but the last must have at least 64 KB.",
            ),
            FileError::NoLinks => ApiError::conflict(
                "files.no_links",
                "Kho tệp này không cấp liên kết tải lên. Hãy gửi bằng PUT /files/{sha256}.",
                "This store gives no upload links. Send the file with PUT /files/{sha256}.",
            ),
            FileError::UnknownLink => ApiError::not_found(),
            FileError::NothingSent => ApiError::conflict(
                "files.nothing_sent",
                "Chưa có gì được gửi qua liên kết. Hãy gửi tệp rồi thử lại.",
                "Nothing was sent by the link yet. Send the file, then try again.",
            ),
            FileError::Broken => ApiError::unprocessable(
                "files.broken_image",
                "Ảnh bị hỏng nên không có bản thu nhỏ.",
                "The image is broken, so there is no smaller one.",
            ),
        }
    }
}
