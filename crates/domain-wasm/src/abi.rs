//! The functions that the host calls. All `unsafe` of the crate is here: it turns the host's places and lengths into
//! slices, which nobody but the host can vouch for.

use crate::engine::{Book, answer};
use std::alloc::Layout;
use std::cell::RefCell;

thread_local! {
    /// The promotions that were loaded. A module has one thread.
    static BOOK: RefCell<Book> = const { RefCell::new(Book::EMPTY) };
}

/// Memory for so many bytes, for a question; null when there is none.
#[expect(unsafe_code, reason = "a fixed name for the host; no other function of this name is linked")]
#[unsafe(no_mangle)]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    let Some(layout) = layout(length) else { return std::ptr::null_mut() };
    #[expect(unsafe_code, reason = "the layout has at least one byte")]
    unsafe {
        std::alloc::alloc(layout)
    }
}

/// Gives memory back: a question's, or an answer's.
///
/// # Safety
/// The place must come from `alloc` of this length, or from an answer of this length, and is given back once.
#[expect(unsafe_code, reason = "a fixed name for the host; no other function of this name is linked")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dealloc(place: *mut u8, length: usize) {
    let Some(layout) = layout(length).filter(|_| !place.is_null()) else { return };
    #[expect(unsafe_code, reason = "the host promises that the place came from here with this length")]
    unsafe {
        std::alloc::dealloc(place, layout);
    }
}

/// Prices an order with the promotions in the question.
///
/// # Safety
/// The place must come from `alloc` of this length and be filled by the host.
#[expect(unsafe_code, reason = "a fixed name for the host; no other function of this name is linked")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn price(place: *const u8, length: usize) -> u64 {
    #[expect(unsafe_code, reason = "the host promises that the bytes are there")]
    let question = unsafe { bytes(place, length) };
    hand_over(&answer(question))
}

/// Keeps promotions for `quote`.
///
/// # Safety
/// The place must come from `alloc` of this length and be filled by the host.
#[expect(unsafe_code, reason = "a fixed name for the host; no other function of this name is linked")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn load(place: *const u8, length: usize) -> u64 {
    #[expect(unsafe_code, reason = "the host promises that the bytes are there")]
    let promotions = unsafe { bytes(place, length) };
    hand_over(&BOOK.with_borrow_mut(|book| book.load(promotions)))
}

/// Prices an order with the promotions that were loaded.
///
/// # Safety
/// The place must come from `alloc` of this length and be filled by the host.
#[expect(unsafe_code, reason = "a fixed name for the host; no other function of this name is linked")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quote(place: *const u8, length: usize) -> u64 {
    #[expect(unsafe_code, reason = "the host promises that the bytes are there")]
    let question = unsafe { bytes(place, length) };
    hand_over(&BOOK.with_borrow(|book| book.quote(question)))
}

/// Nothing takes a byte, so that there is always a place to give back.
fn layout(length: usize) -> Option<Layout> {
    Layout::array::<u8>(length.max(1)).ok()
}

/// # Safety
/// There must be so many bytes at the place, which nobody changes meanwhile.
#[expect(unsafe_code, reason = "only the host can vouch for the place")]
unsafe fn bytes<'a>(place: *const u8, length: usize) -> &'a [u8] {
    if place.is_null() {
        return &[];
    }
    #[expect(unsafe_code, reason = "the caller promises that the bytes are there")]
    unsafe {
        std::slice::from_raw_parts(place, length)
    }
}

/// Copies the answer to where the host can read it: `place << 32 | length`; 0 when there is no memory.
fn hand_over(answer: &[u8]) -> u64 {
    let place = alloc(answer.len());
    if place.is_null() {
        return 0;
    }
    #[expect(unsafe_code, reason = "there are so many bytes at the place, and nobody else knows of it yet")]
    unsafe {
        std::ptr::copy_nonoverlapping(answer.as_ptr(), place, answer.len());
    }
    // Places and lengths of wasm32 have 32 bits.
    ((place as usize as u64) << 32) | (answer.len() as u64 & 0xFFFF_FFFF)
}
