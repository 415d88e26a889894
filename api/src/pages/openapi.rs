//! `/openapi`: the API for people, read from the same OpenAPI document that programs get.

mod schema;

use askama::Template;
use serde_json::Value;

/// The readable page of the API.
#[derive(Debug, Clone, Template)]
#[template(path = "openapi.html")]
pub struct ApiPage {
    /// The company or product named at the top.
    pub company: String,
    /// `Countersign`.
    pub title: String,
    /// The version of the API.
    pub version: String,
    /// What it is for, paragraphs apart.
    pub description: Vec<String>,
    /// Where the document for programs is: `/openapi.json`.
    pub document: String,
    /// Operations by tag.
    pub groups: Vec<Group>,
}

/// The operations of one tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The tag: `Purchase orders`.
    pub name: String,
    /// What the tag is about.
    pub description: Option<String>,
    /// Its operations, in the order of the document.
    pub operations: Vec<Operation>,
}

/// One method on one path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operation {
    /// In upper case: `POST`.
    pub method: String,
    /// `/v1/orders/{id}`.
    pub path: String,
    /// A few words.
    pub summary: String,
    /// Sentences, paragraphs apart.
    pub description: Vec<String>,
    /// Path, query and header parameters.
    pub parameters: Vec<Field>,
    /// A body to send.
    pub request: Option<Content>,
    /// What comes back.
    pub responses: Vec<Reply>,
}

/// A parameter, or a field of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// `Idempotency-Key`, `lines[].price`.
    pub name: String,
    /// `path`, `query` or `header`; empty for a field of a body.
    pub place: String,
    /// `string`, `list of objects`, `date-time`.
    pub kind: String,
    /// Whether it must be given. In a list or an object that may be absent: if that is given.
    pub required: bool,
    /// What it must keep to: `1 to 500 entries`.
    pub rules: Vec<String>,
    /// What it is for.
    pub description: String,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// `application/json`.
    pub media_type: String,
    /// An example, indented. Empty when the document has none.
    pub example: String,
    /// The fields of the body, and of the objects in it.
    pub fields: Vec<Field>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// `201`.
    pub status: String,
    /// When it is given.
    pub description: String,
    /// Its body.
    pub content: Option<Content>,
}

impl Group {
    /// The id of the group on the page, made of the tag.
    pub fn id(&self) -> String {
        slug("tag", &self.name)
    }
}

impl Operation {
    /// The id of the operation on the page, made of method and path.
    pub fn id(&self) -> String {
        slug("op", &format!("{} {}", self.method, self.path))
    }
}

impl Reply {
    /// Whether there is more to tell than when it is given.
    pub fn is_told(&self) -> bool {
        self.content.as_ref().is_some_and(|content| !content.fields.is_empty() || !content.example.is_empty())
    }
}

impl ApiPage {
    /// Reads an OpenAPI 3.1 document. What is missing there is empty here; local `$ref`s of parameters and responses
    /// are followed.
    pub fn read(document: &Value, href: &str) -> Self {
        let mut groups: Vec<Group> = list(document, "/tags").iter().map(group).collect();
        for (tag, operation) in operations(document) {
            match groups.iter_mut().find(|group| group.name == tag) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group { name: tag, operations: vec![operation], ..Group::default() }),
            }
        }
        groups.retain(|group| !group.operations.is_empty());
        Self {
            company: String::new(),
            title: text(document, "/info/title"),
            version: text(document, "/info/version"),
            description: paragraphs(&text(document, "/info/description")),
            document: href.to_owned(),
            groups,
        }
    }
}

fn group(tag: &Value) -> Group {
    let description = Some(text(tag, "/description")).filter(|text| !text.is_empty());
    Group { name: text(tag, "/name"), description, operations: Vec::new() }
}

/// Every operation with the name of its first tag.
fn operations(document: &Value) -> Vec<(String, Operation)> {
    const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];
    let Some(paths) = document.get("paths").and_then(Value::as_object) else { return Vec::new() };
    let mut found = Vec::new();
    for (path, item) in paths {
        for method in METHODS {
            let Some(description) = item.get(method) else { continue };
            let tag = Some(text(description, "/tags/0")).filter(|tag| !tag.is_empty());
            let operation = operation(document, method, path, item, description);
            found.push((tag.unwrap_or_else(|| "Other".to_owned()), operation));
        }
    }
    found
}

fn operation(document: &Value, method: &str, path: &str, item: &Value, operation: &Value) -> Operation {
    let shared = list(item, "/parameters").iter().chain(list(operation, "/parameters"));
    let responses = operation.get("responses").and_then(Value::as_object);
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "/summary"),
        description: paragraphs(&text(operation, "/description")),
        parameters: shared.map(|entry| parameter(document, resolved(document, entry))).collect(),
        request: operation.get("requestBody").and_then(|body| content(document, resolved(document, body))),
        responses: responses.into_iter().flatten().map(|(status, body)| reply(document, status, body)).collect(),
    }
}

fn parameter(document: &Value, parameter: &Value) -> Field {
    let place = text(parameter, "/in");
    let required = place == "path" || parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
    let schema = parameter.get("schema").unwrap_or(&Value::Null);
    let read = schema::field(document, &text(parameter, "/name"), schema, required);
    Field { place, description: text(parameter, "/description"), ..read }
}

/// Refusals all have the same body, so only the fields of what was asked for are listed.
fn reply(document: &Value, status: &str, body: &Value) -> Reply {
    let body = resolved(document, body);
    let mut content = content(document, body);
    if let Some(content) = content.as_mut().filter(|_| !status.starts_with('2')) {
        content.fields.clear();
    }
    Reply { status: status.to_owned(), description: text(body, "/description"), content }
}

/// The first media type of a body.
fn content(document: &Value, body: &Value) -> Option<Content> {
    let (media_type, content) = body.get("content")?.as_object()?.iter().next()?;
    let fields = content.get("schema").map(|schema| schema::fields(document, schema)).unwrap_or_default();
    let example = example(document, content).map(shown).unwrap_or_default();
    Some(Content { media_type: media_type.clone(), example, fields })
}

/// The first example that stands in a body or in its schema.
fn example<'a>(document: &'a Value, content: &'a Value) -> Option<&'a Value> {
    let schema = content.get("schema").map(|schema| resolved(document, schema));
    let named = content.get("examples").and_then(Value::as_object).and_then(|examples| examples.values().next());
    let own = content.get("example").or_else(|| named.and_then(|example| resolved(document, example).get("value")));
    own.or_else(|| schema.and_then(|schema| schema.pointer("/examples/0").or_else(|| schema.get("example"))))
}

fn shown(example: &Value) -> String {
    match example {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

/// Follows one local reference, `#/components/...`.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Letters and digits, everything else one hyphen; braces and letters outside ASCII are told apart by their code.
fn slug(prefix: &str, text: &str) -> String {
    text.chars().fold(prefix.to_owned() + "-", |mut slug, c| {
        match c {
            _ if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            '{' | '}' => slug.push('_'),
            _ if c.is_ascii() => slug.push('-'),
            _ => slug.push_str(&format!("{:x}", u32::from(c))),
        }
        slug
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "info": {"title": "Countersign", "version": "1", "description": "One.\n\nTwo."},
            "tags": [{"name": "Orders", "description": "What is bought"}, {"name": "Unused"}],
            "paths": {"/v1/orders/{id}": {
                "parameters": [{"name": "id", "in": "path", "schema": {"type": "string", "format": "uuid"}}],
                "get": {"tags": ["Orders"], "summary": "Read an order",
                    "responses": {"200": {"$ref": "#/components/responses/Order"}}},
                "delete": {"summary": "Cancel"}
            }},
            "components": {"responses": {"Order": {"description": "The order",
                "content": {"application/json": {"example": {"id": "1"}}}}}}
        })
    }

    #[test]
    fn operations_are_grouped_by_their_first_tag() {
        let page = ApiPage::read(&document(), "/openapi.json");
        let groups: Vec<(&str, usize)> = page.groups.iter().map(|g| (g.name.as_str(), g.operations.len())).collect();
        assert_eq!(groups, [("Orders", 1), ("Other", 1)]);
        assert_eq!(page.description, ["One.", "Two."]);
    }

    #[test]
    fn parameters_of_the_path_and_referenced_answers_are_read() {
        let page = ApiPage::read(&document(), "/openapi.json");
        let operation = &page.groups[0].operations[0];
        assert_eq!(operation.parameters[0].kind, "uuid");
        assert!(operation.parameters[0].required);
        assert_eq!(operation.responses[0].description, "The order");
        assert!(
            operation.responses[0].content.as_ref().is_some_and(|content| content.example.contains("\"id\": \"1\""))
        );
    }

    #[test]
    fn an_empty_document_is_an_empty_page() {
        assert!(ApiPage::read(&json!({}), "/openapi.json").groups.is_empty());
    }
}
