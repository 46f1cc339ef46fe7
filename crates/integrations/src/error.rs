use platform::ApiError;

use crate::table::FileError;

/// Why an import could not even begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// There is no such kind of import.
    #[error("no such kind of import")]
    UnknownKind,
    /// No file was sent.
    #[error("no file was sent")]
    NoFile,
    /// The file can't be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no distributor with this code, or it is not the caller's.
    #[error("no distributor has the code {0:?}")]
    UnknownDistributor(String),
    /// The file belongs to one distributor, and it is not said to which.
    #[error("the distributor must be named")]
    DistributorRequired,
    /// Only the company may load such a file.
    #[error("only the company may do this")]
    CompanyOnly,
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::UnknownKind => ApiError::not_found(),
            ImportError::NoFile => {
                ApiError::invalid_field("file", "Hãy chọn tập tin CSV hoặc XLSX", "Send a CSV or XLSX file")
            }
            ImportError::File(error) => file_error(error),
            ImportError::UnknownDistributor(code) => ApiError::unprocessable(
                "imports.unknown_distributor",
                format!("Không có nhà phân phối mã {code}."),
                format!("No distributor has the code {code}."),
            )
            .field("distributorCode", "Không tồn tại", "Unknown"),
            ImportError::DistributorRequired => ApiError::bad_request(
                "distributor_required",
                "Cần chọn nhà phân phối (distributorCode).",
                "Name the distributor (distributorCode).",
            )
            .field("distributorCode", "Bắt buộc", "Required"),
            ImportError::CompanyOnly => ApiError::forbidden("users.manage_company"),
        }
    }
}

fn file_error(error: FileError) -> ApiError {
    match error {
        FileError::TooLarge => ApiError::unprocessable(
            "imports.too_large",
            "Tập tin lớn hơn 20 MB. Hãy chia nhỏ tập tin.",
            "The file is larger than 20 MB. Split it.",
        ),
        FileError::TooLargeUnpacked => ApiError::unprocessable(
            "imports.too_large",
            "Nội dung tập tin XLSX quá lớn (hơn 100 MB sau giải nén). Hãy chia nhỏ tập tin hoặc lưu thành CSV UTF-8.",
            "The XLSX file holds too much (over 100 MB unpacked). Split it or save it as CSV UTF-8.",
        ),
        FileError::TooManyRows => ApiError::unprocessable(
            "imports.too_many_rows",
            "Tập tin có hơn 200.000 dòng. Hãy chia nhỏ tập tin.",
            "The file has more than 200,000 rows. Split it.",
        ),
        FileError::Empty => ApiError::unprocessable(
            "imports.empty",
            "Tập tin không có dữ liệu.",
            "There is nothing in the file.",
        ),
        FileError::NotText => ApiError::unprocessable(
            "imports.unreadable",
            "Không đọc được tập tin. Hãy lưu lại thành \"CSV UTF-8\" hoặc .xlsx.",
            "The file can't be read. Save it as \"CSV UTF-8\" or .xlsx.",
        ),
        FileError::OldXls => ApiError::unprocessable(
            "imports.unreadable",
            "Đây là tập tin .xls cũ. Hãy lưu lại thành .xlsx.",
            "This is an old .xls file. Save it as .xlsx.",
        ),
        FileError::BrokenXlsx => ApiError::unprocessable(
            "imports.unreadable",
            "Tập tin XLSX bị hỏng. Hãy mở bằng Excel rồi lưu lại.",
            "The XLSX file is broken. Open it in Excel and save it again.",
        ),
        FileError::OpenQuote(row) => ApiError::unprocessable(
            "imports.unreadable",
            format!("Dấu ngoặc kép mở ở dòng {row} không được đóng."),
            format!("The quote opened in row {row} is not closed."),
        ),
        FileError::MissingHeaders(missing) => {
            let names = missing.join(", ");
            ApiError::unprocessable(
                "imports.headers",
                format!("Tập tin thiếu cột: {names}. Hãy dùng tập tin mẫu."),
                format!("The file lacks the columns: {names}. Use the template."),
            )
            .with("missingColumns", missing)
        }
    }
}
