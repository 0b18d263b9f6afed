//! Finds the name that was probably meant.

/// The nearest of the valid names, if one is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let wanted = plain(name);
    let scored = valid.into_iter().map(|candidate| {
        let other = plain(candidate);
        // Long names often lack or add a whole word: `won_value` for `won_value_12m`.
        let contained = wanted.len() >= 4 && (other.contains(&wanted) || wanted.contains(&other));
        // One slip in a short name makes it look quite different.
        let slip = wanted.len() >= 2 && strsim::osa_distance(&wanted, &other) <= 1;
        let likeness = strsim::jaro_winkler(&wanted, &other);
        (candidate, if contained || slip { likeness.max(0.9) } else { likeness })
    });
    scored
        .filter(|(_, likeness)| *likeness >= 0.8)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(candidate, _)| candidate)
}
