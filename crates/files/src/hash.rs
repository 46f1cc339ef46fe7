//! Knowing a picture again: 64 bits that hardly change when it is saved anew, made smaller or a little brighter.

use image::DynamicImage;
use image::imageops::FilterType;

/// In how many bits two pictures of the same may differ.
pub(crate) const NEAR: u32 = 7;
/// Pictures with less between dark and light (a covered lens, a wall) all look alike and are not compared.
const CONTRAST: u8 = 16;

/// Whether each of 8 × 8 spots is darker than the one right of it; none for a picture that shows next to nothing.
pub(crate) fn dhash(picture: &DynamicImage) -> Option<u64> {
    let spots = picture.grayscale().resize_exact(9, 8, FilterType::Triangle).to_luma8();
    let (darkest, lightest) =
        spots.pixels().fold((u8::MAX, 0), |(low, high), p| (low.min(p.0[0]), high.max(p.0[0])));
    if lightest - darkest < CONTRAST {
        return None;
    }
    let mut hash = 0_u64;
    for y in 0..8 {
        for x in 0..8 {
            let darker = spots.get_pixel(x, y).0[0] < spots.get_pixel(x + 1, y).0[0];
            hash = hash << 1 | u64::from(darker);
        }
    }
    // A plain gradient says as little.
    (4..=60).contains(&hash.count_ones()).then_some(hash)
}

/// The four bands of 16 bits, as they are kept: band and value.
pub(crate) fn bands(hash: u64) -> [(i16, i32); 4] {
    [0, 1, 2, 3].map(|band: i16| (band, i32::from((hash >> (16 * band)) as u16)))
}

/// Where the hashes near this one may lie: each band, and all that differ from it in one bit. Seven bits spread over
/// four bands leave one band with at most one of them.
pub(crate) fn neighbours(hash: u64) -> Vec<(i16, i32)> {
    bands(hash)
        .into_iter()
        .flat_map(|(band, value)| {
            std::iter::once((band, value)).chain((0..16).map(move |bit| (band, value ^ 1 << bit)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};
    use proptest::prelude::*;

    use super::*;

    /// Something like a shelf: blocks of many colours.
    fn shelf(seed: u32, width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
            let block = (x * 7 / width) * 31 + (y * 5 / height) * 17 + seed;
            let n = block.wrapping_mul(2_654_435_761) >> 8;
            Rgb([n as u8, (n >> 8) as u8, (n >> 16) as u8])
        }))
    }

    fn distance(a: &DynamicImage, b: &DynamicImage) -> u32 {
        (dhash(a).unwrap() ^ dhash(b).unwrap()).count_ones()
    }

    #[test]
    fn a_picture_is_known_again_when_it_was_saved_smaller_brighter_and_coarser() {
        for seed in 0..20 {
            let original = shelf(seed, 320, 240);
            let mut jpeg = std::io::Cursor::new(Vec::new());
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 40)
                .encode_image(&original.thumbnail(200, 150).brighten(12).to_rgb8())
                .unwrap();
            let copy = image::load_from_memory(jpeg.get_ref()).unwrap();
            assert!(distance(&original, &copy) <= NEAR, "{seed}: {}", distance(&original, &copy));
        }
    }

    #[test]
    fn another_picture_is_another_one() {
        for seed in 1..20 {
            assert!(distance(&shelf(0, 240, 240), &shelf(seed, 240, 240)) > NEAR, "{seed}");
        }
    }

    #[test]
    fn a_picture_of_nothing_is_not_compared() {
        assert_eq!(dhash(&DynamicImage::new_rgb8(64, 48)), None);
        let gradient = RgbImage::from_fn(64, 48, |x, _| Rgb([(x * 3) as u8; 3]));
        assert_eq!(dhash(&DynamicImage::ImageRgb8(gradient)), None);
    }

    proptest! {
        #[test]
        fn whatever_is_near_is_found_by_some_band(
            hash: u64, bits in proptest::collection::vec(0_u32..64, 0..=NEAR as usize),
        ) {
            let other = bits.into_iter().fold(hash, |h, bit| h ^ 1 << bit);
            let near = neighbours(hash);
            prop_assert!(bands(other).iter().any(|band| near.contains(band)));
        }
    }
}
