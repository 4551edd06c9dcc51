"""The systems whose exports are read, by the name that `--from` takes."""

from daybook.importing.sources import amazon, etsy, magento, shopify, ubl, woocommerce
from daybook.importing.sources.reading import Source

SOURCES: dict[str, Source] = {
    each.SOURCE.name: each.SOURCE for each in (shopify, woocommerce, magento, etsy, amazon, ubl)
}
