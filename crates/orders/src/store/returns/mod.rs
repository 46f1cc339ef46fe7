mod sold;
mod steps;
mod view;

pub use sold::*;
pub use steps::*;
pub use view::*;
