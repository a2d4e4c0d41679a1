/* Imports of Python as one hit each. Called by the gate and the loop; the contract is in import.h.
 */
#include "import.h"

#include "live.h"
#include "loop.h"
#include "rule.h"

bool ol_import_may_be(unsigned rule)
{
    if (rule >= OL_RULE_COUNT)
        return false;
    switch (ol_rule_row(rule)->family) {
    case OL_FAMILY_file:
    case OL_FAMILY_metadata:
    case OL_FAMILY_directory:
    case OL_FAMILY_loader:
        return ol_python_version() != NULL;
    default:
        return false;
    }
}

bool ol_import_begins(struct ol_site_ref site)
{
    struct ol_import *import = &ol_self.import;
    if (import->turn == ol_self.turn_started && import->site == site.index)
        return false;
    ol_import_is_over();
    *import = (struct ol_import){.site = site.index, .turn = ol_self.turn_started};
    return true;
}

uint64_t ol_import_add(uint64_t ns)
{
    return ol_self.import.ns += ns;
}

void ol_import_tell_later(void)
{
    ol_self.import.untold = true;
}

void ol_import_is_over(void)
{
    struct ol_import *import = &ol_self.import;
    if (!import->untold)
        return;
    import->untold = false;
    ol_live_hit((struct ol_site_ref){.index = import->site, .rule = OL_RULE_import}, import->ns);
}
