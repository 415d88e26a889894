//! The face: REST, pages and the binary countersign.
mod archiving;
pub mod auth;
pub mod bench;
pub mod cli;
pub mod company_file;
pub mod connections;
pub mod database_file;
mod documents;
pub mod health;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod rest;
pub mod service;
mod slow_body;
pub mod state;
pub mod web;
