//! `Map`: the same states for every item.

use super::fields::Fields;
use super::machine::Reading;
use super::retry::{Catcher, Retrier, catchers, retriers};
use super::shape::{Computed, Has, Language, Range, Selector, Shape, shape};
use super::states::{Next, next};
use crate::expression::Template;
use crate::jsonpath::Path;
use serde_json::Value;

/// Does the same for every item.
#[derive(Debug, Clone)]
pub struct MapState {
    /// The first state of an iteration. The states themselves stand with all others in the definition.
    pub start_at: String,
    /// Where the items come from; the input when absent.
    pub items: Option<ItemSource>,
    /// What an iteration is given; the item when absent.
    pub selector: Option<Selector>,
    /// Items that are done together.
    pub batch: Option<Batch>,
    /// The most iterations at once; 0 and absent: as many as possible.
    pub max_concurrency: Option<Computed>,
    /// So many iterations may fail.
    pub tolerated_count: Option<Computed>,
    /// Such a share of the iterations may fail.
    pub tolerated_percentage: Option<Computed>,
    /// Whether the history of the iterations is kept apart, as Step Functions does in distributed mode.
    pub distributed: bool,
    /// Its data flow.
    pub shape: Shape,
    /// Tried again as a whole on these errors.
    pub retry: Vec<Retrier>,
    /// Goes elsewhere on these errors.
    pub catch: Vec<Catcher>,
    /// Where it leads.
    pub next: Next,
}

/// Where the items of a `Map` come from.
#[derive(Debug, Clone)]
pub enum ItemSource {
    /// `Items`.
    Template(Template),
    /// `ItemsPath`.
    Path(Path),
}

/// `ItemBatcher`.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The most items of a batch.
    pub max_items: Option<Computed>,
    /// The most bytes of a batch, as JSON.
    pub max_bytes: Option<Computed>,
    /// What every batch is given beside its items.
    pub input: Option<Selector>,
}

/// The most iterations of a `Map` at once that may be asked for.
const MOST_AT_ONCE: u64 = 10_000;

pub(super) fn read<'a>(fields: &Fields<'a>, language: Language, reading: Reading<'a>) -> Option<MapState> {
    let processor = if fields.has("Iterator") && !fields.has("ItemProcessor") { "Iterator" } else { "ItemProcessor" };
    fields.require(processor);
    let inner = fields.get(processor);
    let start_at = inner.and_then(|inner| reading.within(inner, fields.at(processor), &["ProcessorConfig"]));
    refuse_stores(fields);
    fields.text("Label");
    let max_concurrency =
        fields.computed(("MaxConcurrency", "MaxConcurrencyPath"), language, Range::Whole(0, MOST_AT_ONCE));
    let tolerated_count = fields.computed(
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        language,
        Range::Whole(0, u64::from(u32::MAX)),
    );
    let tolerated_percentage =
        fields.computed(("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"), language, Range::Percent);
    let (items, selector, batch) = (items(fields, language), selector(fields, language), batch(fields, language));
    let distributed = inner.is_some_and(|inner| is_distributed(fields, processor, inner));
    let shape = shape(fields, language, Has::MAPPED);
    let (retry, catch) = (retriers(fields), catchers(fields, language));
    let next = next(fields);
    Some(MapState {
        start_at: start_at?,
        items,
        selector,
        batch,
        max_concurrency,
        tolerated_count,
        tolerated_percentage,
        distributed,
        shape,
        retry,
        catch,
        next: next?,
    })
}

/// Step Functions reads items from S3 and writes results there.
fn refuse_stores(fields: &Fields<'_>) {
    for (name, instead) in [
        ("ItemReader", "reads items from a store, which is not available here; give the items in the input"),
        ("ResultWriter", "writes results to a store, which is not available here; the results are the output"),
    ] {
        if fields.get(name).is_some() {
            fields.wrong(name, "not-available", instead);
        }
    }
}

fn items(fields: &Fields<'_>, language: Language) -> Option<ItemSource> {
    match language {
        Language::Jsonata => fields.items("Items").map(ItemSource::Template),
        Language::JsonPath => fields.path("ItemsPath").map(ItemSource::Path),
    }
}

/// `ItemSelector`, which older definitions call `Parameters`.
fn selector(fields: &Fields<'_>, language: Language) -> Option<Selector> {
    if language == Language::JsonPath && fields.has("Parameters") && !fields.has("ItemSelector") {
        return fields.selector("Parameters", language);
    }
    fields.selector("ItemSelector", language)
}

fn batch(fields: &Fields<'_>, language: Language) -> Option<Batch> {
    let batcher = fields.object("ItemBatcher")?;
    let whole = Range::Whole(1, u64::from(u32::MAX));
    let batch = Batch {
        max_items: batcher.computed(("MaxItemsPerBatch", "MaxItemsPerBatchPath"), language, whole),
        max_bytes: batcher.computed(("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"), language, whole),
        input: batcher.selector("BatchInput", language),
    };
    if batch.max_items.is_none() && batch.max_bytes.is_none() {
        let message = "must have MaxItemsPerBatch or MaxInputBytesPerBatch";
        fields.wrong("ItemBatcher", "required", message);
    }
    batcher.finish();
    Some(batch)
}

fn is_distributed(fields: &Fields<'_>, processor: &'static str, inner: &Value) -> bool {
    let Some(config) = inner.get("ProcessorConfig") else { return false };
    let pointer = format!("{}/ProcessorConfig", fields.at(processor));
    let Some(config) = Fields::of(config, pointer, fields.problems) else { return false };
    config.text("ExecutionType");
    let distributed = match config.text("Mode").as_deref() {
        None | Some("INLINE") => false,
        Some("DISTRIBUTED") => true,
        Some(other) => {
            config.wrong("Mode", "value", format!("\"{other}\" is not known; use \"INLINE\" or \"DISTRIBUTED\""));
            false
        }
    };
    config.finish();
    distributed
}
