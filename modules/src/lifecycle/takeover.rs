//! The moment at which the objects of the new version take the place of the old ones: in the commit in which it counts.

use super::convert::{Made, convert_all, told, with_originals};
use super::plan::Plan;
use crate::migrate::{Conversion, clash};
use crate::registry::Registry;
use store::{StoreError, Unit};
use workflow::expression::Moment;

/// So many objects that were changed at the last moment are made within the commit, and so many if code does it.
const MOST_LATE: u32 = 100;
const MOST_LATE_WITH_CODE: u32 = 10;

impl Registry {
    /// Has all objects be what was staged of them. False if too many were changed since: then they are to be staged first.
    pub(super) async fn take_over(&self, unit: &mut Unit, company: &str, plan: &Plan) -> Result<bool, StoreError> {
        unit.lock_generation(company).await?;
        let conversions = self.conversions(unit, company, &plan.data, None).await?;
        for conversion in &conversions {
            if !late(unit, company, conversion).await? {
                return Ok(false);
            }
        }
        for conversion in &conversions {
            let by = format!("migration of {} to {}", conversion.sides.new.manifest.name, conversion.sides.to);
            unit.take_over_staged(company, &conversion.kind, &by).await?;
        }
        Ok(true)
    }
}

/// Makes what was changed at the last moment; false if it is too much.
async fn late(unit: &mut Unit, company: &str, conversion: &Conversion) -> Result<bool, StoreError> {
    let most = if conversion.has_code() { MOST_LATE_WITH_CODE } else { MOST_LATE };
    let objects = unit.objects_not_staged(company, &conversion.kind, most + 1).await?;
    if objects.len() > most as usize {
        return Ok(false);
    }
    let objects = with_originals(unit, company, conversion, objects).await?;
    let moment = Moment { at_ms: unit.now_ms(), seed: 0 };
    let Made { staged, mut misfits, .. } = convert_all(conversion, objects, moment);
    let clashes = unit.stage_objects(company, &staged).await?;
    misfits.extend(clashes.iter().map(|one| clash(&conversion.kind, one)));
    if misfits.is_empty() { Ok(true) } else { Err(StoreError::refused("does-not-fit", told(conversion, &misfits))) }
}
