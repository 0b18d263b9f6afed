#![allow(clippy::unwrap_used)]

mod rendering;
mod sample;
mod values;
