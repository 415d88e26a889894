//! A call: an instance of its own, a document in, a document out, and the host asked in between.

use crate::check::ALLOC;
use crate::code::{Code, Hook};
use crate::failure::Failure;
use crate::guest::{Guest, piece};
use crate::host::Host;
use crate::imports::Pause;
use crate::limits::MAX_GIVEN_BYTES;
use serde_json::Value;
use wasmi::errors::{ErrorKind, InstantiationError};
use wasmi::{Error, Instance, Memory, ResumableCall, Store, TrapCode, Val};

impl Code {
    /// Calls a hook with a document. The code must have it.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(&self, hook: Hook, given: &Value, host: &mut dyn Host) -> Result<Value, Failure> {
        let mut call = Call::of(self, host)?;
        let outcome = call.run(hook, given, host).await;
        host.spend(call.spent());
        call.store.data().told.iter().for_each(|line| host.log(line));
        outcome
    }
}

struct Call<'c> {
    code: &'c Code,
    store: Store<Guest>,
    instance: Instance,
    memory: Memory,
    asks: u32,
    steps: u64,
}

impl<'c> Call<'c> {
    fn of(code: &'c Code, host: &dyn Host) -> Result<Self, Failure> {
        let mut store = Store::new(&code.engine, Guest::new(&code.limits, host.now_ms()));
        store.limiter(|guest| &mut guest.bounds);
        let steps = code.limits.steps.min(host.steps_left());
        let failed = |error: &Error| failure(error, code, steps);
        store.set_fuel(steps).map_err(|error| failed(&error))?;
        let instance = code.linker.instantiate_and_start(&mut store, &code.module).map_err(|error| failed(&error))?;
        let memory = instance.get_memory(&store, "memory");
        let memory = memory.ok_or_else(|| Failure::Unagreed("it has no memory".to_owned()))?;
        Ok(Self { code, store, instance, memory, asks: 0, steps })
    }

    async fn run(&mut self, hook: Hook, given: &Value, host: &mut dyn Host) -> Result<Value, Failure> {
        let (place, length) = self.write(given.to_string().as_bytes())?;
        let hook = hook.export();
        let Some(function) = self.instance.get_func(&self.store, hook) else {
            return Err(Failure::Unagreed(format!("it exports no {hook}")));
        };
        let mut results = [Val::I64(0)];
        let mut state = function.call_resumable(&mut self.store, &[number(place), number(length)], &mut results);
        loop {
            let paused = match state.map_err(|error| self.failure(&error))? {
                ResumableCall::Finished => break,
                ResumableCall::OutOfFuel(_) => return Err(Failure::TooLong { steps: self.steps }),
                ResumableCall::HostTrap(paused) => paused,
            };
            let answer = self.answer(paused.host_error(), host).await?;
            state = paused.resume(&mut self.store, answer.as_slice(), &mut results);
        }
        let [Val::I64(packed)] = results else { return Err(Failure::Unagreed("it returned no number".to_owned())) };
        self.read(packed, "its answer")
    }

    /// What a host function returns to the code that waits for it.
    async fn answer(&mut self, error: &Error, host: &mut dyn Host) -> Result<Option<Val>, Failure> {
        match error.downcast_ref::<Pause>() {
            Some(Pause::Ask(question)) => {
                self.count_ask()?;
                let question = document(question, "a question")?;
                let answer = host.ask(question).await.map_err(Failure::Host)?;
                let (place, length) = self.write(answer.to_string().as_bytes())?;
                Ok(Some(Val::I64(packed(place, length))))
            }
            Some(Pause::Chance { place, length }) => {
                self.count_ask()?;
                self.fill(*place, *length, host).map(|()| None)
            }
            Some(Pause::Failed(failure)) => Err(failure.clone()),
            None => Err(self.failure(error)),
        }
    }

    fn spent(&self) -> u64 {
        self.steps.saturating_sub(self.store.get_fuel().unwrap_or(0))
    }

    fn count_ask(&mut self) -> Result<(), Failure> {
        let asks = self.code.limits.asks;
        self.asks += 1;
        if self.asks > asks { Err(Failure::TooManyAsks { asks }) } else { Ok(()) }
    }

    /// Puts a document where the code makes room for it.
    fn write(&mut self, bytes: &[u8]) -> Result<(u32, u32), Failure> {
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MAX_GIVEN_BYTES);
        let Some(length) = length else {
            return Err(Failure::GivenTooMuch { bytes: bytes.len(), most: MAX_GIVEN_BYTES });
        };
        let alloc = self.instance.get_typed_func::<u32, u32>(&self.store, ALLOC);
        let place = alloc.and_then(|alloc| alloc.call(&mut self.store, length));
        let place = place.map_err(|error| self.failure(&error))?;
        let outside = |_| Failure::Unagreed(format!("{ALLOC} gave a place outside its memory, {place}"));
        self.memory.write(&mut self.store, place as usize, bytes).map_err(outside)?;
        Ok((place, length))
    }

    fn read(&self, packed: i64, what: &str) -> Result<Value, Failure> {
        let (place, length) = unpacked(packed);
        document(piece(self.memory.data(&self.store), place, length, what)?, what)
    }

    fn fill(&mut self, place: u32, length: u32, host: &mut dyn Host) -> Result<(), Failure> {
        let mut bytes = vec![0; length as usize];
        host.chance(&mut bytes);
        let outside = |_| Failure::Unagreed(format!("random bytes were to go outside its memory, to {place}"));
        self.memory.write(&mut self.store, place as usize, &bytes).map_err(outside)
    }

    fn failure(&self, error: &Error) -> Failure {
        failure(error, self.code, self.steps)
    }
}

fn failure(error: &Error, code: &Code, steps: u64) -> Failure {
    if let Some(Pause::Failed(failure)) = error.downcast_ref() {
        return failure.clone();
    }
    if error.downcast_ref::<Pause>().is_some() {
        return Failure::Unagreed(
            "it asked the host for something where it may not, such as while it makes room".to_owned(),
        );
    }
    match (error.as_trap_code(), error.kind()) {
        (Some(TrapCode::OutOfFuel), _) => Failure::TooLong { steps },
        (Some(TrapCode::StackOverflow), _) => Failure::TooDeep,
        (Some(TrapCode::GrowthOperationLimited), _)
        | (None, ErrorKind::Memory(_) | ErrorKind::Instantiation(InstantiationError::FailedToInstantiateMemory(_))) => {
            Failure::TooMuchMemory { bytes: code.limits.memory_bytes }
        }
        _ => Failure::Trapped(error.to_string()),
    }
}

fn document(bytes: &[u8], what: &str) -> Result<Value, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::Unagreed(format!("{what} is not JSON: {error}")))
}

/// A number of 32 bits without a sign, as WebAssembly has it.
fn number(value: u32) -> Val {
    Val::I32(value.cast_signed())
}

fn packed(place: u32, length: u32) -> i64 {
    ((u64::from(place) << 32) | u64::from(length)).cast_signed()
}

fn unpacked(packed: i64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = packed.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}
