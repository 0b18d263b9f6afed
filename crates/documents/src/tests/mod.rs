#![allow(clippy::unwrap_used)]

mod issuing;
mod rendering;
mod sample;
mod values;
