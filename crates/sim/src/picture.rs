//! Photos that are nobody's, but photos: noise, as the least PNG that holds it.

use rand::Rng as _;
use rand::rngs::SmallRng;

/// A grey picture of so many pixels a side.
pub(crate) fn noise(dice: &mut SmallRng, side: u16) -> Vec<u8> {
    let mut rows = Vec::new();
    for _ in 0..side {
        // Each row says how it is filtered: not at all.
        rows.push(0);
        rows.extend((0..side).map(|_| dice.random::<u8>()));
    }
    let mut header = Vec::new();
    header.extend(u32::from(side).to_be_bytes());
    header.extend(u32::from(side).to_be_bytes());
    // 8 bits of grey, nothing special.
    header.extend([8, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"IDAT", &stored(&rows));
    chunk(&mut png, *b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    png.extend(u32::try_from(content.len()).unwrap_or_default().to_be_bytes());
    let from = png.len();
    png.extend(name);
    png.extend(content);
    let sum = crc(&png[from..]);
    png.extend(sum.to_be_bytes());
}

/// A zlib stream of blocks that are not compressed.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        let length = u16::try_from(block.len()).unwrap_or_default();
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler(bytes).to_be_bytes());
    out
}

fn adler(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1u32, 0u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_everybody() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
    }
}
