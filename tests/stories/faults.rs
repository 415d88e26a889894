//! What the world does to a service: disks that are full or broken, connections that are cut, clocks that jump, nodes that
//! fall asleep. What was answered stays, and nothing is done twice.

mod clocks;
mod connections;
mod disks;
mod sleepers;
