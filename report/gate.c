/* The gate. It judges by severities and counts, never by times, so that it does not flake. Called
 * by run.c and report.c. */
#include "gate.h"

#include "say.h"

bool ol_gate_met(const struct ol_model *model, int least, int code)
{
    size_t sites = 0;
    for (int i = least; i < OL_SEVERITY_COUNT; i++)
        sites += model->totals.sites_by_severity[i];
    if (sites)
        ol_say_line("%zu site%s of severity %s%s: exit code %d, by --fail-on %s", sites,
                    sites == 1 ? "" : "s", ol_severity_names[least],
                    least + 1 < OL_SEVERITY_COUNT ? " or worse" : "", code,
                    ol_severity_names[least]);
    return sites != 0;
}
