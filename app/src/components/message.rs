//! A message: a row of the timeline, and what it is made of.

pub(super) mod delivery_note;
mod quote;
mod reactions;
mod row;
mod rows;
mod text;

pub(super) use rows::Rows;
