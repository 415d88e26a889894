//! `$dec...`: arithmetic and comparison of amounts.

use super::arguments::Arguments;
use super::decimal::{argument, product, read, rounded, sum as plus, written};
use super::{Answer, Run, Stop};
use jsonata_core::value::JValue;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// `$dec(x)`: the shortest way to write the number, `1.10` as `1.1`.
pub(super) fn normalise(_: &Run, args: &[JValue]) -> Answer {
    Ok(written(argument(&Arguments::of("dec", args), 0)?.normalize()))
}

/// `$dec_add(a, b)`.
pub(super) fn add(_: &Run, args: &[JValue]) -> Answer {
    let (left, right) = pair("dec_add", args)?;
    plus(left, right).map(written)
}

/// `$dec_sub(a, b)`.
pub(super) fn sub(_: &Run, args: &[JValue]) -> Answer {
    let (left, right) = pair("dec_sub", args)?;
    plus(left, -right).map(written)
}

/// `$dec_mul(a, b)`.
pub(super) fn mul(_: &Run, args: &[JValue]) -> Answer {
    let (left, right) = pair("dec_mul", args)?;
    product(left, right).map(written)
}

/// `$dec_round(x, places)`: half away from zero, to exactly that many decimal places.
pub(super) fn round(_: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("dec_round", args);
    let places = args.integer(1).ok().and_then(|places| u32::try_from(places).ok()).filter(|places| *places <= 28);
    let places = places.ok_or_else(|| args.wrong(1, "a whole number from 0 to 28"))?;
    rounded(argument(&args, 0)?, places).map(written)
}

/// `$dec_sum(array)`: `0` for an empty array, and undefined for what is not there.
pub(super) fn sum(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("dec_sum", args);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let mut total = Decimal::ZERO;
    for (index, item) in args.items(0).iter().enumerate() {
        run.check_time()?;
        total = plus(total, read(item).map_err(|wrong| item_failure(index, &wrong.sentence(item)))?)?;
    }
    Ok(written(total))
}

fn item_failure(index: usize, wrong: &str) -> Stop {
    Stop::failed(format!("item {index} of the array of $dec_sum {wrong}"))
}

/// `$dec_cmp(a, b)`: -1 when `a` is smaller, 0 when they are equal, 1 when it is larger.
pub(super) fn cmp(_: &Run, args: &[JValue]) -> Answer {
    Ok(JValue::from(ordering("dec_cmp", args)? as i32))
}

/// `$dec_lt(a, b)`.
pub(super) fn lt(_: &Run, args: &[JValue]) -> Answer {
    ordering("dec_lt", args).map(|order| JValue::Bool(order.is_lt()))
}

/// `$dec_lte(a, b)`.
pub(super) fn lte(_: &Run, args: &[JValue]) -> Answer {
    ordering("dec_lte", args).map(|order| JValue::Bool(order.is_le()))
}

/// `$dec_gt(a, b)`.
pub(super) fn gt(_: &Run, args: &[JValue]) -> Answer {
    ordering("dec_gt", args).map(|order| JValue::Bool(order.is_gt()))
}

/// `$dec_gte(a, b)`.
pub(super) fn gte(_: &Run, args: &[JValue]) -> Answer {
    ordering("dec_gte", args).map(|order| JValue::Bool(order.is_ge()))
}

/// `$dec_eq(a, b)`: `1.10` and `1.1` are equal.
pub(super) fn eq(_: &Run, args: &[JValue]) -> Answer {
    ordering("dec_eq", args).map(|order| JValue::Bool(order.is_eq()))
}

fn ordering(function: &'static str, args: &[JValue]) -> Result<Ordering, Stop> {
    let (left, right) = pair(function, args)?;
    Ok(left.cmp(&right))
}

fn pair(function: &'static str, args: &[JValue]) -> Result<(Decimal, Decimal), Stop> {
    let args = Arguments::of(function, args);
    Ok((argument(&args, 0)?, argument(&args, 1)?))
}
