//! The module as the service sees it: which code answers what.

use crate::document::DocumentError;
use crate::fonts::Fonts;
use crate::{convert, forms, prepare, printing, record, views};
use futures::FutureExt;
use futures::future::BoxFuture;
use modules::view::View;
use modules::{
    Action, ActionError, Call, Draft, Filled, Form, Module, Object, Package, Prepared, Rendering, Saving, StoreError,
    TaskError, Unit,
};
use serde_json::Value;
use std::collections::BTreeMap;
use workflow::Problem;

/// A file of the package, compiled in.
macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../definitions/purchasing/", $path)))
    };
}

/// The purchasing module.
pub struct Purchasing {
    package: Package,
    fonts: Fonts,
}

impl Purchasing {
    /// The module with the fonts that it ships.
    pub fn new() -> Result<Self, DocumentError> {
        let package = Package::of([
            file!("module.yaml"),
            file!("order.asl.json"),
            file!("schemas/supplier.json"),
            file!("schemas/order.json"),
            file!("schemas/order.sent.json"),
            file!("schemas/rate.json"),
            file!("examples/supplier.json"),
            file!("examples/order.json"),
            file!("examples/rate.json"),
            file!("mail/order.subject.txt"),
            file!("mail/order.txt"),
            file!("mail/order.html"),
        ]);
        Ok(Self { package, fonts: Fonts::new()? })
    }
}

impl Module for Purchasing {
    fn package(&self) -> &Package {
        &self.package
    }

    fn prepare<'a>(&'a self, unit: &'a mut Unit, draft: Draft<'a>) -> BoxFuture<'a, Result<Prepared, StoreError>> {
        prepare::prepare(unit, draft).boxed()
    }

    fn before_save<'a>(&'a self, _: &'a mut Unit, saving: &'a Saving<'a>) -> BoxFuture<'a, Result<Value, StoreError>> {
        async { prepare::kept(saving) }.boxed()
    }

    fn as_sent(&self, collection: &str, data: &Value) -> Value {
        if collection == "orders" { record::order_input(data) } else { data.clone() }
    }

    fn settings_problems(&self, settings: &Value) -> Vec<Problem> {
        record::CompanySettings::problems(settings)
    }

    fn checks(&self, collection: &str) -> bool {
        matches!(collection, "orders" | "suppliers")
    }

    fn related(&self, object: &Object) -> Vec<(String, String)> {
        let supplier = object.data.get("supplier_id").and_then(Value::as_str);
        supplier.map(|id| ("purchasing/suppliers".to_owned(), id.to_owned())).into_iter().collect()
    }

    fn view(&self, object: &Object, related: &[Object]) -> View {
        views::view(object, related, views::Reader::Inside)
    }

    fn outside_view(&self, object: &Object, related: &[Object]) -> View {
        views::view(object, related, views::Reader::Outside)
    }

    fn changes(&self, collection: &str, before: &Value, after: &Value) -> Vec<String> {
        match collection {
            "orders" => views::changes(before, after),
            _ => Vec::new(),
        }
    }

    fn form(&self, name: &str, object: Option<&Object>) -> Option<Form> {
        forms::form(name, object)
    }

    fn fill(
        &self,
        name: &str,
        object: Option<&Object>,
        answers: &BTreeMap<String, String>,
    ) -> Result<Value, Vec<Problem>> {
        forms::fill(name, object, answers)
    }

    fn accept<'a>(
        &'a self,
        unit: &'a mut Unit,
        company: &'a str,
        name: &'a str,
        object: Option<&'a Object>,
        form: &'a Value,
    ) -> BoxFuture<'a, Result<Filled, StoreError>> {
        forms::accept(unit, company, name, object, form).boxed()
    }

    fn same_form(&self, name: &str, object: Option<&Object>, sent: &Value, stored: &Value) -> bool {
        forms::same(name, object, sent, stored)
    }

    fn call<'a>(
        &'a self,
        unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>> {
        convert::convert(unit, call).boxed()
    }

    fn act<'a>(&'a self, action: Action<'a>) -> BoxFuture<'a, Result<Value, ActionError>> {
        printing::render_order(self, action).boxed()
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<Vec<u8>, ActionError> {
        if rendering.object.kind != record::ORDERS {
            return Err(ActionError::give_up("Pdf.Failed", "only purchase orders have a document"));
        }
        printing::render(&self.fonts, rendering)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modules::Registry;

    #[test]
    fn orders_and_suppliers_are_checked_by_code() {
        let module = Purchasing::new().unwrap();
        assert_eq!(["orders", "suppliers", "rates"].map(|collection| module.checks(collection)), [true, true, false]);
    }

    #[test]
    fn the_package_is_without_problems() {
        let registry = Registry::new(vec![Box::new(Purchasing::new().unwrap()) as Box<dyn Module>])
            .map_err(|error| error.to_string());
        assert_eq!(registry.map(|registry| registry.built_in().modules().len()), Ok(1));
    }
}
