//! Times as the API writes them.

pub(crate) use modules::rfc3339;
