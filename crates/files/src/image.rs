//! Whether a file is a photo, and what is made of it. Its name and its declared type don't count, only its bytes do.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage, Rgba};

use crate::error::FileError;
use crate::{MAX_BYTES, hash};

/// The longest side: over what any phone's camera gives, under what hurts those who decode it.
const MAX_SIDE: u32 = 16_384;
/// The most pixels: over what phones take unless told to take all they can.
const MAX_PIXELS: u64 = 64_000_000;
/// The most bytes of decoded pixels: those pixels, four bytes each.
const MAX_DECODED: u64 = 4 * MAX_PIXELS;
/// What reading a header may take: profiles and texts in it may be compressed.
const MAX_HEADER_MEMORY: u64 = 16 * 1024 * 1024;
/// What decoding may take: the pixels, and as much again for the decoder's own.
const MAX_MEMORY: u64 = 2 * MAX_DECODED;
const QUALITY: u8 = 80;

/// The thumbnails' longest sides.
pub(crate) const SMALL: u32 = 320;
/// See [`SMALL`].
pub(crate) const LARGE: u32 = 1080;

/// What an image's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub content_type: &'static str,
    /// Held upright.
    pub width: u32,
    /// Held upright.
    pub height: u32,
}

/// Reads the header; the pixels are not decoded.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, FileError> {
    if bytes.len() > MAX_BYTES {
        return Err(FileError::TooLarge);
    }
    let (content_type, decoder, orientation) = open(bytes, MAX_HEADER_MEMORY)?;
    let (width, height) = upright(decoder.dimensions(), orientation);
    Ok(Header { content_type, width, height })
}

/// What is made of an image.
#[derive(Debug)]
pub(crate) struct Made {
    /// At most [`SMALL`] pixels a side, a JPEG.
    pub small: Vec<u8>,
    /// At most [`LARGE`] pixels a side, a JPEG.
    pub large: Vec<u8>,
    pub dhash: Option<u64>,
    pub width: u32,
    pub height: u32,
}

/// Decodes an image and makes smaller ones, upright and without what cameras write beside the picture. Takes a quarter
/// of a second of a processor and up to half a gigabyte.
pub(crate) fn make(bytes: &[u8]) -> Result<Made, image::ImageError> {
    let (_, decoder, orientation) = open(bytes, MAX_MEMORY).map_err(|refused| {
        image::ImageError::IoError(std::io::Error::new(std::io::ErrorKind::InvalidData, refused))
    })?;
    let (width, height) = upright(decoder.dimensions(), orientation);
    let whole = DynamicImage::from_decoder(decoder)?;
    let mut large = fit(whole, LARGE);
    large.apply_orientation(orientation);
    let large = DynamicImage::ImageRgb8(on_white(large));
    let small = fit(large.clone(), SMALL);
    Ok(Made { small: jpeg(&small)?, dhash: hash::dhash(&large), large: jpeg(&large)?, width, height })
}

type Opened<'a> = (&'static str, Box<dyn ImageDecoder + 'a>, Orientation);

fn open(bytes: &[u8], memory: u64) -> Result<Opened<'_>, FileError> {
    let format = image::guess_format(bytes).map_err(|_| FileError::NotAnImage)?;
    let content_type = match format {
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::Png => "image/png",
        ImageFormat::WebP => "image/webp",
        _ => return Err(FileError::NotAnImage),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(memory);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| FileError::NotAnImage)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(FileError::NotAnImage);
    }
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED {
        return Err(FileError::TooManyPixels { width, height });
    }
    // A picture whose orientation can't be read is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((content_type, Box::new(decoder), orientation))
}

fn upright((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => (width, height),
    }
}

/// What is transparent shows white, as on a page.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let Rgba([r, g, b, alpha]) = *picture.get_pixel(x, y);
        let over = |c: u8| {
            let mixed = u16::from(c) * u16::from(alpha) + 255 * (255 - u16::from(alpha));
            u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(r), over(g), over(b)])
    })
}

/// Never larger than it is.
fn fit(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) > side { picture.thumbnail(side, side) } else { picture }
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, image::ImageError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&picture.to_rgb8())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use image::ImageEncoder as _;

    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(3, 2).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// White above, black below, with a note that the camera was turned.
    fn photo(width: u32, height: u32, orientation: u8) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |_, y| Rgb([if y < height / 2 { 255 } else { 0 }; 3]));
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
        // One entry of EXIF: the orientation.
        let exif = [
            b"II\x2a\0\x08\0\0\0".as_slice(),
            b"\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[orientation, 0, 0, 0],
            &[0, 0, 0, 0],
        ]
        .concat();
        encoder.set_exif_metadata(exif).unwrap();
        encoder.write_image(&picture, width, height, image::ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    #[test]
    fn photos_are_known_by_their_bytes() {
        for (format, content_type) in [
            (ImageFormat::Jpeg, "image/jpeg"),
            (ImageFormat::Png, "image/png"),
            (ImageFormat::WebP, "image/webp"),
        ] {
            assert_eq!(header(&encoded(format)).unwrap(), Header { content_type, width: 3, height: 2 });
        }
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
            assert_eq!(header(bytes), Err(FileError::NotAnImage), "{bytes:?}");
        }
        assert_eq!(header(&vec![0; MAX_BYTES + 1]), Err(FileError::TooLarge));
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
        assert_eq!(header(&png_saying(8_000, 7_000)).unwrap().width, 8_000);
        for (width, height) in [(60_000, 2), (9_000, 8_000)] {
            let bomb = png_saying(width, height);
            assert_eq!(header(&bomb), Err(FileError::TooManyPixels { width, height }));
            assert!(make(&bomb).is_err());
        }
    }

    #[test]
    fn a_photo_that_breaks_off_is_an_error() {
        let whole = photo(400, 300, 1);
        assert!(header(&whole[..whole.len() / 2]).is_ok());
        // A broken JPEG is shown as far as it goes; a broken PNG isn't.
        let mut png = Cursor::new(Vec::new());
        shelf(400).write_to(&mut png, ImageFormat::Png).unwrap();
        let png = png.into_inner();
        assert!(make(&png).is_ok());
        assert!(make(&png[..png.len() / 2]).is_err());
    }

    fn shelf(side: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(side, side, |x, y| {
            Rgb([(x.wrapping_mul(y) ^ x) as u8, (x ^ y) as u8, y as u8])
        }))
    }

    #[test]
    fn thumbnails_are_upright_and_keep_their_shape() {
        // Turned by a quarter to the right: what is above on the sensor is right in the picture.
        let made = make(&photo(2400, 1200, 6)).unwrap();
        assert_eq!((made.width, made.height), (1200, 2400));
        let large = image::load_from_memory(&made.large).unwrap().to_luma8();
        assert_eq!(large.dimensions(), (540, 1080));
        assert!(large.get_pixel(500, 500).0[0] > 200 && large.get_pixel(40, 500).0[0] < 50);
        let small = image::load_from_memory(&made.small).unwrap();
        assert_eq!((small.width(), small.height()), (160, 320));
        assert_eq!(header(&photo(2400, 1200, 6)).unwrap().width, 1200);
        assert!(!made.large.windows(4).any(|w| w == b"Exif"));
    }

    #[test]
    fn a_small_photo_is_not_blown_up() {
        let made = make(&photo(200, 100, 1)).unwrap();
        let large = image::load_from_memory(&made.large).unwrap();
        assert_eq!((large.width(), large.height()), (200, 100));
    }

    #[test]
    fn what_is_transparent_shows_white() {
        let clear = image::RgbaImage::from_fn(8, 8, |x, _| Rgba([0, 0, 0, if x < 4 { 0 } else { 255 }]));
        let mut png = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(clear).write_to(&mut png, ImageFormat::Png).unwrap();
        let small = image::load_from_memory(&make(png.get_ref()).unwrap().small).unwrap().to_luma8();
        assert!(small.get_pixel(0, 0).0[0] > 240 && small.get_pixel(7, 7).0[0] < 15);
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum: u32, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |s, _| if s & 1 == 1 { s >> 1 ^ 0xedb8_8320 } else { s >> 1 })
        })
    }
}
