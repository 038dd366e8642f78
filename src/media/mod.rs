//! Pictures that people upload: checked, written anew without anything but pixels, kept as files
//! named by their content, served to everybody.
//!
//! Owns: `media`, `media_variant`. Emits: `ProfileChanged`, with a new face. A file is written before its row; one
//! that no row speaks of is removed by a job, or by the sweep a day later.

pub mod actions;
pub mod decoder;
pub mod faces;
pub mod jobs;
pub mod moving;
pub mod pages;
pub mod picture;
mod scan;
pub mod store;
mod workshop;

#[cfg(test)]
mod tests;

pub use self::{
    jobs::{RemoveFile, RemoveFiles},
    picture::{Media, NewPicture, Purpose},
    workshop::use_processes,
};
