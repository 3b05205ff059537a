//! Several nodes on three NATS servers, with everything between and beneath them failing.
//!
//! ```text
//! browsers ─▶ proxy ─▶ nodes ─▶ a link each ─▶ NATS servers, which reach one another by links as well
//! ```
//!
//! [`faults`] draws what fails and when from the seed, [`run`] does it, and [`end`] compares what is left.

mod ask;
pub mod corruption;
pub mod disks;
pub mod end;
pub mod faults;
pub mod flip;
pub mod journal;
pub mod nats;
pub mod network;
pub mod node;
pub mod power;
pub mod programs;
pub mod rolling;
pub mod run;
pub mod tables;
