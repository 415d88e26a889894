//! Objects as the lines of a file.

use super::Format;
use super::cell;
use super::columns::{Column, REST, columns, rest};
use super::csv;
use super::table::AROUND;
use crate::objects::schema::ObjectSchema;
use serde_json::{Value, json};
use std::borrow::Cow;
use store::Object;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How objects of a kind are written.
#[derive(Debug, Clone)]
pub struct Exporting {
    format: Format,
    columns: Vec<Column>,
    /// Whether everything is written, so that what has no column must stand somewhere.
    is_whole: bool,
}

impl Exporting {
    /// All of objects of this schema; or only these fields, each with all that stands in it.
    pub fn new(format: Format, schema: &ObjectSchema, fields: Option<&[Vec<String>]>) -> Self {
        let wanted =
            |column: &Column| fields.is_none_or(|fields| fields.iter().any(|field| column.path.starts_with(field)));
        let columns = columns(schema).into_iter().filter(wanted).collect();
        Self { format, columns, is_whole: fields.is_none() }
    }

    /// What stands before the first object.
    #[must_use]
    pub fn head(&self) -> String {
        let mut text = String::new();
        if self.format == Format::Csv {
            let names = self.columns.iter().map(Column::name);
            let around = AROUND.into_iter().map(str::to_owned);
            let rest = self.is_whole.then(|| REST.to_owned());
            csv::write(around.chain(names).chain(rest).map(|name| Some(Cow::Owned(name))), &mut text);
        }
        text
    }

    /// Adds an object to a text. `data` is what is to be written of its data.
    pub fn write(&self, object: &Object, data: &Value, text: &mut String) {
        match self.format {
            Format::Csv => self.write_row(object, data, text),
            Format::JsonLines => {
                let Object { id, revision, number, status, created_at, created_by, updated_at, .. } = object;
                let line = json!({
                    "id": id, "revision": revision, "number": number, "status": status, "created_at": rfc3339(*created_at),
                    "created_by": created_by, "updated_at": rfc3339(*updated_at), "data": data,
                });
                text.push_str(&line.to_string());
                text.push('\n');
            }
        }
    }

    fn write_row(&self, object: &Object, data: &Value, text: &mut String) {
        let Object { id, revision, number, status, created_at, created_by, updated_at, .. } = object;
        let around = [
            Some(cell::shown(id)),
            Some(Cow::Owned(revision.to_string())),
            number.as_deref().map(cell::shown),
            Some(cell::shown(status)),
            Some(Cow::Owned(rfc3339(*created_at))),
            Some(cell::shown(created_by)),
            Some(Cow::Owned(rfc3339(*updated_at))),
        ];
        let cells = self.columns.iter().map(|column| cell::written(column.value(data)?, &column.types));
        let rest = self.is_whole.then(|| rest(data, &self.columns).map(|rest| Cow::Owned(rest.to_string())));
        csv::write(around.into_iter().chain(cells).chain(rest), text);
    }
}

fn rfc3339(ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}
