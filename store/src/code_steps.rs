//! How much code of modules may do within a transaction, counted in the steps of its sandbox.
//!
//! Everybody waits for the one who writes, and PostgreSQL ends a session that is silent for long in the middle of a
//! transaction. So a unit of work has steps for all that its hooks and tasks do together, and so has the transaction that
//! it shares with others. A unit that comes too late for those runs again in a transaction of its own.

use crate::error::StoreError;
use crate::unit::Unit;

/// What one unit may take: a quarter of a second or so.
const OF_A_UNIT: u64 = 50_000_000;
/// From here on no other unit of the same transaction begins.
const OF_A_TRANSACTION: u64 = 50_000_000;

/// What was taken so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CodeSteps {
    by_unit: u64,
    by_transaction: u64,
}

impl CodeSteps {
    /// Another unit begins.
    pub(crate) fn next_unit(&mut self) {
        self.by_unit = 0;
    }
}

impl Unit {
    /// Before code is called. `Conflict`, so that the unit runs again alone, if its neighbours have taken too much.
    pub fn begin_code(&self) -> Result<(), StoreError> {
        let CodeSteps { by_unit, by_transaction } = self.ledger.code_steps;
        if by_unit == 0 && by_transaction >= OF_A_TRANSACTION { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// How many steps this unit has left for code.
    pub fn code_steps_left(&self) -> u64 {
        OF_A_UNIT.saturating_sub(self.ledger.code_steps.by_unit)
    }

    /// After code was called.
    pub fn spend_code_steps(&mut self, steps: u64) {
        let taken = &mut self.session.ledger.code_steps;
        // A call that took none would leave the unit as if it had not begun.
        let steps = steps.max(1);
        taken.by_unit = taken.by_unit.saturating_add(steps);
        taken.by_transaction = taken.by_transaction.saturating_add(steps);
    }
}
