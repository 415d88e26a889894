//! The exports of a module's code.

/// Exports the hooks that a type implements, as the host calls them. Once in a crate.
///
/// The hooks are the traits [`Compute`](crate::Compute), [`Validate`](crate::Validate), [`BeforeSave`](crate::BeforeSave),
/// [`AfterSave`](crate::AfterSave), [`Act`](crate::Act), [`OnEvent`](crate::OnEvent), [`Respond`](crate::Respond),
/// [`Migrate`](crate::Migrate) and [`HealthCheck`](crate::HealthCheck). Only what is named is called: a hook costs a call
/// for every object that is saved.
///
/// ```
/// use countersign_module::{export, Problem, Saving, Validate};
///
/// struct Travel;
/// export!(Travel: Validate);
///
/// impl Validate for Travel {
///     fn validate(_: &Saving) -> Vec<Problem> {
///         Vec::new()
///     }
/// }
/// ```
///
/// What is implemented must be named:
///
/// ```compile_fail
/// use countersign_module::{export, Compute, Problem, Result, Saving, Validate, Value};
///
/// struct Travel;
/// export!(Travel: Validate);
///
/// impl Validate for Travel {
///     fn validate(_: &Saving) -> Vec<Problem> {
///         Vec::new()
///     }
/// }
///
/// impl Compute for Travel {
///     fn compute(saving: &Saving) -> Result<Value> {
///         Ok(saving.data.clone())
///     }
/// }
/// ```
#[macro_export]
macro_rules! export {
    ($module:ty: $($hook:ident),+ $(,)?) => {
        $(
            impl $crate::Exported<$crate::abi::named::$hook> for $module {}
            // A hook that is named must be there, for tests on other machines too.
            const _: fn() = || {
                fn is_there<M: $crate::$hook>() {}
                is_there::<$module>();
            };
        )+

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #[unsafe(no_mangle)]
            extern "C" fn countersign_alloc(length: u32) -> u32 {
                $crate::abi::room(length)
            }
            $($crate::__export_hook!($hook, $module);)+
        };
    };
}

/// The function of one hook.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_hook {
    (@ $name:ident, $answer:path, $module:ty) => {
        #[unsafe(no_mangle)]
        extern "C" fn $name(place: u32, length: u32) -> u64 {
            $crate::abi::call(place, length, $answer)
        }
    };
    (Compute, $module:ty) => { $crate::__export_hook!(@ countersign_compute, $crate::abi::compute::<$module>, $module); };
    (Validate, $module:ty) => { $crate::__export_hook!(@ countersign_validate, $crate::abi::validate::<$module>, $module); };
    (BeforeSave, $module:ty) => { $crate::__export_hook!(@ countersign_before_save, $crate::abi::before_save::<$module>, $module); };
    (AfterSave, $module:ty) => { $crate::__export_hook!(@ countersign_after_save, $crate::abi::after_save::<$module>, $module); };
    (Act, $module:ty) => { $crate::__export_hook!(@ countersign_act, $crate::abi::act::<$module>, $module); };
    (OnEvent, $module:ty) => { $crate::__export_hook!(@ countersign_event, $crate::abi::event::<$module>, $module); };
    (Respond, $module:ty) => { $crate::__export_hook!(@ countersign_request, $crate::abi::request::<$module>, $module); };
    (Migrate, $module:ty) => { $crate::__export_hook!(@ countersign_migrate, $crate::abi::migrate::<$module>, $module); };
    (HealthCheck, $module:ty) => { $crate::__export_hook!(@ countersign_health, $crate::abi::health::<$module>, $module); };
}
