//! Whether a file is a photo. Its name and its declared type don't count, only its bytes do.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

use crate::error::VisitError;

/// The largest photo.
pub(crate) const MAX_BYTES: usize = 15 * 1024 * 1024;
/// The longest side: over what any phone's camera gives, under what hurts those who decode it.
const MAX_SIDE: u32 = 16_384;
/// What reading a header may take: profiles and texts in it may be compressed.
const MAX_HEADER_MEMORY: u64 = 16 * 1024 * 1024;

/// The media type of a photo whose header can be read; its pixels are not decoded.
pub(crate) fn media_type(bytes: &[u8]) -> Result<&'static str, VisitError> {
    if bytes.len() > MAX_BYTES {
        return Err(VisitError::TooLarge);
    }
    let format = image::guess_format(bytes).map_err(|_| VisitError::NotAnImage)?;
    let media_type = match format {
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::Png => "image/png",
        ImageFormat::WebP => "image/webp",
        _ => return Err(VisitError::NotAnImage),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_HEADER_MEMORY);
    reader.limits(limits);
    let (width, height) = reader.into_dimensions().map_err(|_| VisitError::NotAnImage)?;
    if width == 0 || height == 0 {
        return Err(VisitError::NotAnImage);
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(VisitError::TooManyPixels { width, height });
    }
    Ok(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(3, 2).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn photos_are_known_by_their_bytes() {
        assert_eq!(media_type(&encoded(ImageFormat::Jpeg)).unwrap(), "image/jpeg");
        assert_eq!(media_type(&encoded(ImageFormat::Png)).unwrap(), "image/png");
        assert_eq!(media_type(&encoded(ImageFormat::WebP)).unwrap(), "image/webp");
    }

    #[test]
    fn what_only_starts_like_a_photo_is_none() {
        for bytes in [
            &b""[..],
            b"<html>",
            b"GIF89a\x01\x00\x01\x00",
            b"\xff\xd8\xff\xe0",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\0\0\0\0WEBP",
        ] {
            assert!(matches!(media_type(bytes), Err(VisitError::NotAnImage)), "{bytes:?}");
        }
    }

    /// A PNG that says it is this wide and high; the checksum of its header is made anew.
    fn png_saying(width: u32, height: u32) -> Vec<u8> {
        let mut png = encoded(ImageFormat::Png);
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc(&png[12..29]);
        png[29..33].copy_from_slice(&sum.to_be_bytes());
        png
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        assert_eq!(media_type(&png_saying(12_000, 9_000)).unwrap(), "image/png");
        let bomb = media_type(&png_saying(60_000, 2));
        assert!(matches!(bomb, Err(VisitError::TooManyPixels { width: 60_000, height: 2 })));
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum: u32, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |s, _| if s & 1 == 1 { s >> 1 ^ 0xedb8_8320 } else { s >> 1 })
        })
    }
}
