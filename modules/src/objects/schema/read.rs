//! Reading our keywords, and every reason not to.

use super::super::keys::name as key_name;
use super::Flaw;
use super::keywords::{Currency, Index, IndexKind, Keywords, Reference, Starts};
use super::path::FieldPath;
use super::walk::{Found, MOST_PARTS, Shape, Walk};
use serde_json::Value;
use std::collections::BTreeSet;
use workflow::definition::below;
use workflow::expression::Expression;
use workflow::nearest;

const KNOWN: [&str; 7] = ["x-computed", "x-guarded", "x-index", "x-money", "x-ref", "x-unique", "x-workflow"];

/// What a schema may name outside itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'m> {
    /// The module.
    pub(crate) module: &'m str,
    /// Its collections.
    pub(crate) collections: &'m [&'m str],
    /// Its permissions.
    pub(crate) permissions: &'m [&'m str],
    /// Its definitions.
    pub(crate) workflows: &'m [&'m str],
}

pub(super) fn keywords(document: &Value, around: &Around<'_>) -> Result<Keywords, Vec<Flaw>> {
    let walk = Walk::through(document);
    if walk.parts > MOST_PARTS {
        let message = format!("its parts describe more than {MOST_PARTS} fields");
        return Err(vec![Flaw::at("", message, "make it smaller, or let parts refer to each other less often")]);
    }
    let mut reading =
        Reading { walk: &walk, around, keywords: Keywords::default(), flaws: Vec::new(), names: BTreeSet::new() };
    for found in &walk.found {
        if let Err(flaw) = reading.read(found) {
            reading.flaws.push(flaw);
        }
    }
    for (pointer, keyword) in walk.stray(document).into_iter().filter(|(_, keyword)| KNOWN.contains(keyword)) {
        let message = format!("{keyword} is not read here");
        reading.flaws.push(Flaw::at(
            pointer,
            message,
            "put it at a field under properties, outside anyOf, oneOf, if and not",
        ));
    }
    reading.finish()
}

struct Reading<'w, 's> {
    walk: &'w Walk<'s>,
    around: &'w Around<'w>,
    keywords: Keywords,
    flaws: Vec<Flaw>,
    /// Under which names objects are found and differ: names of rows in the database, of which there may be one each.
    names: BTreeSet<(&'static str, String)>,
}

impl Reading<'_, '_> {
    fn read(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        match found.keyword {
            "x-index" => self.index(found),
            "x-unique" if found.path.is_root() => self.unique_together(found),
            "x-unique" => self.unique(found),
            "x-ref" => self.reference(found),
            "x-money" => self.money(found),
            "x-computed" => self.computed(found),
            "x-guarded" => self.guarded(found),
            "x-workflow" => self.workflow(found),
            other => misspelt(found, other),
        }
    }

    fn finish(mut self) -> Result<Keywords, Vec<Flaw>> {
        let made: Vec<String> = self.keywords.computed.iter().map(|(name, _)| name.clone()).collect();
        let by_code = self.walk.shapes.iter().filter(|(_, shape)| shape.is_read_only);
        let by_code = by_code.filter_map(|(path, _)| path.top()).map(str::to_owned);
        self.keywords.made_here = made.into_iter().chain(by_code).collect();
        self.keywords.made_here.sort();
        self.keywords.made_here.dedup();
        if self.flaws.is_empty() { Ok(self.keywords) } else { Err(self.flaws) }
    }

    fn index(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        let decimal = match found.value {
            Value::Bool(true) => false,
            Value::String(kind) if kind == "decimal" => true,
            _ => {
                return Err(found.flaw(
                    "x-index is true, or \"decimal\" for decimals that are written as text",
                    "write one of them",
                ));
            }
        };
        let index = self.single(found, &found.path, decimal)?;
        self.once(found.pointer.clone(), "x-index", index.path.to_string())?;
        self.keywords.indexes.push(index);
        Ok(())
    }

    /// A field of which an object has one, and whose values have an order.
    fn single(&self, found: &Found<'_>, path: &FieldPath, decimal: bool) -> Result<Index, Flaw> {
        if !path.is_single() || path.is_root() {
            let message = format!("{} is not read at \"{path}\", of which an object has several", found.keyword);
            return Err(found.flaw(message, "put it at a field that is in no list"));
        }
        let kind = self.walk.shapes.get(path).and_then(|shape| kind(shape, decimal || self.is_money(path)));
        let remedy = "give the field the type string, number, integer or boolean";
        let kind =
            kind.ok_or_else(|| found.flaw(format!("\"{path}\" has no type whose values have an order"), remedy))?;
        Ok(Index { path: path.clone(), kind })
    }

    fn once(&mut self, pointer: String, keyword: &'static str, name: String) -> Result<(), Flaw> {
        if self.names.insert((keyword, name.clone())) {
            return Ok(());
        }
        let message = format!("{keyword} is declared twice for \"{name}\"");
        Err(Flaw::at(pointer, message, "leave one of the two out, or give one of the fields another name"))
    }

    fn is_money(&self, path: &FieldPath) -> bool {
        self.walk.found.iter().any(|other| other.keyword == "x-money" && other.path == *path)
    }

    fn unique(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        if found.value != &Value::Bool(true) {
            return Err(found.flaw("x-unique is true at a field", "write true, or leave it out"));
        }
        let index = self.single(found, &found.path, false)?;
        let fields = vec![index];
        self.once(found.pointer.clone(), "x-unique", key_name(&fields))?;
        self.keywords.unique.push(fields);
        Ok(())
    }

    /// `"x-unique": [["project", "number"]]` at the schema itself.
    fn unique_together(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        let wrong =
            || found.flaw("x-unique is a list of lists of fields here", "write it as [[\"project\", \"number\"]]");
        for (n, several) in found.value.as_array().ok_or_else(wrong)?.iter().enumerate() {
            let names: Option<Vec<&str>> = several.as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
            let names = names.filter(|names| !names.is_empty()).ok_or_else(wrong)?;
            let fields = names.iter().map(|name| self.single(found, &self.known(found, name)?, false));
            let fields = fields.collect::<Result<Vec<_>, _>>()?;
            self.once(below(&found.pointer, n), "x-unique", key_name(&fields))?;
            self.keywords.unique.push(fields);
        }
        Ok(())
    }

    /// A field that the schema describes.
    fn known(&self, found: &Found<'_>, name: &str) -> Result<FieldPath, Flaw> {
        let path = FieldPath::dotted(name);
        if self.walk.shapes.contains_key(&path) {
            return Ok(path);
        }
        let known: Vec<String> =
            self.walk.shapes.keys().map(ToString::to_string).filter(|name| !name.is_empty()).collect();
        Err(found.flaw(format!("there is no field \"{name}\""), suggestion(name, known.iter().map(String::as_str))))
    }

    fn reference(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        let wrong = || {
            found.flaw(
                "x-ref is the name of a collection",
                "write it as \"projects\", or \"planning/projects\" for another module's",
            )
        };
        let target = found.value.as_str().ok_or_else(wrong)?;
        let (module, collection) = target.split_once('/').unwrap_or((self.around.module, target));
        let plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if !plain(module) || !plain(collection) {
            return Err(wrong());
        }
        if module == self.around.module && !self.around.collections.contains(&collection) {
            let remedy = suggestion(collection, self.around.collections.iter().copied());
            return Err(found.flaw(format!("this module has no collection \"{collection}\""), remedy));
        }
        self.text(found)?;
        self.keywords.references.push(Reference { path: found.path.clone(), kind: format!("{module}/{collection}") });
        Ok(())
    }

    fn money(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        let wrong = || {
            found.flaw(
                "x-money says where the currency stands",
                "write it as {\"field\": \"currency\"}, or {\"currency\": \"EUR\"}",
            )
        };
        let currency = match (found.value.get("field"), found.value.get("currency")) {
            (Some(Value::String(name)), None) => Currency::In(self.beside(found, name)?),
            (None, Some(Value::String(code))) => Currency::Always(
                super::super::money::known(code)
                    .map_err(|message| found.flaw(message, "use a code of ISO 4217 such as EUR"))?,
            ),
            _ => return Err(wrong()),
        };
        self.text(found)?;
        self.keywords.money.push((found.path.clone(), currency));
        Ok(())
    }

    /// A field beside the amount, or of the object itself.
    fn beside(&self, found: &Found<'_>, name: &str) -> Result<FieldPath, Flaw> {
        let path = found.path.parent().field(name);
        if path.is_single() && self.walk.shapes.contains_key(&path) { Ok(path) } else { self.known(found, name) }
    }

    fn computed(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        let Some(name) = found.path.top() else {
            let message = "x-computed is read at fields of the object itself only";
            return Err(found.flaw(message, "compute the whole field in which this one stands"));
        };
        let expression = expression(found, found.value, &["object"])?;
        self.keywords.computed.push((name.to_owned(), expression));
        Ok(())
    }

    fn guarded(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        let permission = found.value.as_str().unwrap_or_default();
        if !self.around.permissions.contains(&permission) {
            let remedy = suggestion(permission, self.around.permissions.iter().copied());
            return Err(found.flaw(format!("there is no permission {}", found.value), remedy));
        }
        if found.path.is_root() || !found.path.is_single() {
            return Err(found.flaw("x-guarded is read at fields that are in no list only", "guard the whole list"));
        }
        self.keywords.guarded.push((found.path.clone(), permission.to_owned()));
        Ok(())
    }

    fn workflow(&mut self, found: &Found<'_>) -> Result<(), Flaw> {
        if !found.path.is_root() {
            return Err(found.flaw("x-workflow is read at the schema itself only", "move it to the top of the schema"));
        }
        let starts = starts(found)?;
        if !self.around.workflows.contains(&starts.definition.as_str()) {
            let remedy = suggestion(&starts.definition, self.around.workflows.iter().copied());
            return Err(found.flaw(format!("this module has no workflow \"{}\"", starts.definition), remedy));
        }
        self.keywords.workflow = Some(starts);
        Ok(())
    }

    fn text(&self, found: &Found<'_>) -> Result<(), Flaw> {
        let is_text = self.walk.shapes.get(&found.path).is_some_and(|shape| shape.types.contains("string"));
        if is_text {
            Ok(())
        } else {
            Err(found.flaw(format!("{} needs a text", found.keyword), "give the field the type string"))
        }
    }
}

/// A definition's name, or `{definition, input, status}`.
fn starts(found: &Found<'_>) -> Result<Starts, Flaw> {
    let wrong = || {
        found.flaw("x-workflow names a definition of this module", "write it as \"travel/trip\", or as {\"definition\": \"travel/trip\", \"input\": \"{% ... %}\", \"status\": \"submitted\"}")
    };
    let fields = match found.value {
        Value::String(name) => {
            return Ok(Starts { definition: name.clone(), input: None, status: "submitted".to_owned() });
        }
        Value::Object(fields) => fields,
        _ => return Err(wrong()),
    };
    if fields.keys().any(|name| !["definition", "input", "status"].contains(&name.as_str())) {
        return Err(wrong());
    }
    let text = |name: &str| fields.get(name).map(|value| value.as_str().ok_or_else(wrong)).transpose();
    let input = fields.get("input").map(|input| expression(found, input, &["object", "requester"])).transpose()?;
    let definition = text("definition")?.ok_or_else(wrong)?.to_owned();
    Ok(Starts { definition, input, status: text("status")?.unwrap_or("submitted").to_owned() })
}

/// An expression in `{% %}` that reads only what there is.
fn expression(found: &Found<'_>, value: &Value, known: &[&str]) -> Result<Expression, Flaw> {
    let text = value.as_str().map(str::trim).and_then(|text| text.strip_prefix("{%")?.strip_suffix("%}"));
    let text = text
        .ok_or_else(|| found.flaw("an expression stands between {% and %}", "write it as \"{% $object.price %}\""))?;
    let expression = Expression::parse(text.trim())
        .map_err(|error| found.flaw(error.to_string(), "mend the expression; it is JSONata, as in definitions"))?;
    match expression.variables().iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(expression),
        Some(name) => {
            let known: Vec<String> = known.iter().map(|name| format!("${name}")).collect();
            Err(found.flaw(format!("there is nothing named ${name}"), format!("use {}", known.join(" or "))))
        }
    }
}

fn kind(shape: &Shape, decimal: bool) -> Option<IndexKind> {
    let is = |kind: &str| shape.types.contains(kind);
    match (is("string"), is("number") || is("integer"), is("boolean")) {
        (true, false, false) if decimal => Some(IndexKind::Number),
        (true, false, false) if shape.format.as_deref() == Some("date-time") => Some(IndexKind::Time),
        (true, false, false) => Some(IndexKind::Text),
        (false, true, false) => Some(IndexKind::Number),
        (false, false, true) => Some(IndexKind::Flag),
        _ => None,
    }
}

/// Keywords of others are theirs, but not if they are all but ours.
fn misspelt(found: &Found<'_>, keyword: &str) -> Result<(), Flaw> {
    match nearest(keyword, KNOWN.into_iter()) {
        Some(near) => {
            Err(found.flaw(format!("there is no keyword \"{keyword}\""), format!("did you mean \"{near}\"?")))
        }
        None => Ok(()),
    }
}

fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("use one of: {}", known.collect::<Vec<_>>().join(", ")),
    }
}

impl Found<'_> {
    fn flaw(&self, message: impl Into<String>, remedy: impl Into<String>) -> Flaw {
        Flaw::at(self.pointer.clone(), message, remedy)
    }
}
