//! What the service does, one file a subject.

mod bad_input;
mod browser;
mod crashes;
mod decisions;
mod definition_commands;
mod delivery;
mod demo;
mod faults;
mod happy_path;
mod invariants;
mod kill;
mod lifecycle;
mod links;
mod memory;
mod module_commands;
mod module_dev;
mod module_packages;
mod module_scenarios;
mod nodes;
mod objects;
mod power_loss;
mod rounds;
mod sequences;
mod time;
mod timers;
