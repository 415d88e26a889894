//! The face: REST, pages and the binary countersign.
pub mod auth;
pub mod health;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod rest;
pub mod state;
pub mod web;
