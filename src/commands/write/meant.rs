//! What a typed change that can't be carried out probably meant.

use super::Typed;
use crate::catalogue::{Found, SkuName};
use crate::clean::clean;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::model::ProductId;
use crate::wanted::Mode;

/// Two names of one variant: what was typed stands in no lines.
pub(super) fn named_twice(error: Error, typed: &Typed<'_>) -> Error {
    let line = error.faults().first().and_then(|fault| fault.line);
    let at = line.and_then(|line| usize::try_from(line).ok()?.checked_sub(1));
    match at.and_then(|at| typed.changes.get(at)) {
        Some((name, _)) => Error::usage(format!(
            "{name} names a variant that was named before; nothing was sent"
        )),
        None => error,
    }
}

/// A number that no variant has, where it is the id of a product: the error says so, and which variants it has.
pub(super) fn perhaps_a_product(error: Error, typed: &Typed<'_>, context: &Context) -> Error {
    if typed.product.is_some() || error.kind() != ErrorKind::NotFound {
        return error;
    }
    let found = typed.changes.iter().find_map(|(name, value)| {
        let id: ProductId = match name {
            SkuName::Id(id) | SkuName::Either(id, _) => id.to_string().parse().ok()?,
            SkuName::Code(code) => code.parse().ok()?,
        };
        let client = context.client().ok()?;
        Some((client.product(id).ok()?.value, *value))
    });
    let Some((product, value)) = found else {
        return error;
    };
    let (id, name) = (product.product_id, &product.name);
    let mut variants = product
        .variants
        .iter()
        .map(|variant| match &variant.sku_code[..] {
            "" => format!("id:{}", variant.sku_id),
            code => code.to_owned(),
        });
    let shown: Vec<String> = variants.by_ref().take(5).collect();
    let more = match variants.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = shown.join(", ");
    let message = format!("{id} is a product ({name}), and no variant; it has {shown}{more}");
    let change = match typed.mode {
        Mode::Set => format!("SKU={value}"),
        _ => format!("SKU {value:+}"),
    };
    error.reworded(message).hinted(format!(
        "say which of them: sxinv {} {id} {change}",
        typed.command
    ))
}

/// A variant that the named product does not have: the error says whose it is, where that can be found out.
pub(super) fn perhaps_of_another(error: Error, typed: &Typed<'_>, context: &Context) -> Error {
    let (Some(product), true) = (typed.product, error.kind() == ErrorKind::NotFound) else {
        return error;
    };
    for (name, value) in &typed.changes {
        let found = match of_another(name, product, context) {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(several) => {
                let whose = several.message();
                let message = format!("{name} is not a variant of product {product}: {whose}");
                return several.reworded(message);
            }
        };
        let owner = &found.product.value;
        let message = format!(
            "{name} is not a variant of product {product}: it is of product {} ({})",
            owner.product_id, owner.name
        );
        let others = typed.changes.iter().filter(|(other, _)| other != name);
        let others: Vec<_> = others.cloned().collect();
        // By its id where its code would be an option, or can't be shown as it is.
        let plain = |code: &str| !code.starts_with('-') && clean(code) == code;
        let meant = match name.parts().1.is_none_or(plain) {
            true => name.clone(),
            false => SkuName::Id(found.sku_id),
        };
        let mut commands = vec![typed.again(owner.product_id, &[(meant, *value)])];
        if !others.is_empty() {
            commands.insert(0, typed.again(product, &others));
        }
        return error.reworded(message).hinted(commands.join("\n"));
    }
    error
}

/// The one variant of that name, where it is another product's and that can be found out. An error, usage, that names them where
/// several are.
fn of_another(name: &SkuName, product: ProductId, context: &Context) -> Result<Option<Found>> {
    let (Ok(client), Ok(mut catalogue)) = (context.client(), context.catalogue(true)) else {
        return Ok(None);
    };
    let ui = context.ui();
    let found = catalogue.find(client, std::slice::from_ref(name), &|at| ui.progress(at));
    ui.finish();
    match found {
        Err(error) if error.kind() == ErrorKind::Usage => Err(error),
        found => Ok(found
            .ok()
            .and_then(|found| found.into_iter().next())
            .filter(|found| found.product.value.product_id != product)),
    }
}
