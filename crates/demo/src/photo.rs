//! Small pictures in place of photos: a shelf with packs, a front, a closed door.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ImageError, Rgb, RgbImage};

use crate::dice::Dice;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Goods on a shelf.
    Shelf,
    /// The front of a shop.
    Front,
    /// A shutter that is down.
    ClosedDoor,
}

/// A JPEG of the scene; each number gives another one.
pub fn jpeg(scene: Scene, number: usize) -> Result<Vec<u8>, ImageError> {
    let mut dice = Dice::of(&format!("photo/{scene:?}/{number}"));
    let mut picture = RgbImage::from_pixel(WIDTH, HEIGHT, Rgb([222, 214, 200]));
    match scene {
        Scene::Shelf => shelf(&mut picture, &mut dice),
        Scene::Front => front(&mut picture, &mut dice),
        Scene::ClosedDoor => closed_door(&mut picture, &mut dice),
    }
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, 70).encode_image(&picture)?;
    Ok(bytes.into_inner())
}

fn colour(dice: &mut Dice) -> Rgb<u8> {
    let mut part = || u8::try_from(dice.between(40, 230)).unwrap_or(128);
    Rgb([part(), part(), part()])
}

fn block(picture: &mut RgbImage, x: u32, y: u32, width: u32, height: u32, colour: Rgb<u8>) {
    for y in y..(y + height).min(HEIGHT) {
        for x in x..(x + width).min(WIDTH) {
            picture.put_pixel(x, y, colour);
        }
    }
}

fn shelf(picture: &mut RgbImage, dice: &mut Dice) {
    for row in 0..4 {
        let board = 58 + row * 58;
        let mut x = 6;
        while x < WIDTH - 20 {
            let pack = colour(dice);
            let (width, height) = (12 + dice.below(10) as u32, 30 + dice.below(20) as u32);
            for _ in 0..=dice.below(4) {
                block(picture, x, board - height, width, height, pack);
                block(picture, x + 2, board - height / 2, width - 4, 6, Rgb([245, 245, 240]));
                x += width + 2;
            }
        }
        block(picture, 0, board, WIDTH, 6, Rgb([120, 92, 60]));
    }
}

fn front(picture: &mut RgbImage, dice: &mut Dice) {
    let sign = colour(dice);
    block(picture, 20, 20, WIDTH - 40, 44, sign);
    for letter in 0..9 {
        block(picture, 50 + letter * 24, 32, 14, 20, Rgb([250, 250, 250]));
    }
    block(picture, 30, 80, 120, 150, Rgb([90, 100, 110]));
    block(picture, 170, 80, 120, 100, colour(dice));
    block(picture, 0, 228, WIDTH, 12, Rgb([150, 150, 150]));
}

fn closed_door(picture: &mut RgbImage, dice: &mut Dice) {
    let shutter = colour(dice);
    for slat in 0..20 {
        let shade = if slat % 2 == 0 { shutter } else { Rgb(shutter.0.map(|part| part / 5 * 4)) };
        block(picture, 24, 30 + slat * 10, WIDTH - 48, 10, shade);
    }
    block(picture, WIDTH / 2 - 8, 200, 16, 16, Rgb([60, 60, 60]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_small_jpegs_and_come_out_the_same() {
        for scene in [Scene::Shelf, Scene::Front, Scene::ClosedDoor] {
            let bytes = jpeg(scene, 1).unwrap();
            assert_eq!(image::guess_format(&bytes).unwrap(), image::ImageFormat::Jpeg);
            assert!(bytes.len() < 30_000, "{} bytes", bytes.len());
            assert_eq!(bytes, jpeg(scene, 1).unwrap());
            assert_ne!(bytes, jpeg(scene, 2).unwrap());
        }
    }
}
