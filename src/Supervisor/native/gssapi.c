/*
 * GSSAPI for the static libssh, which refers to it and has no static library of it: every function fails, so that no
 * client is ever offered it.
 */
#define GSS_S_FAILURE (13u << 16)
#define FAILING(name) unsigned int name(void); unsigned int name(void) { return GSS_S_FAILURE; }

void *GSS_C_NT_HOSTBASED_SERVICE;
void *GSS_C_NT_USER_NAME;

FAILING(gss_accept_sec_context)
FAILING(gss_acquire_cred)
FAILING(gss_add_oid_set_member)
FAILING(gss_create_empty_oid_set)
FAILING(gss_display_name)
FAILING(gss_display_status)
FAILING(gss_get_mic)
FAILING(gss_import_name)
FAILING(gss_indicate_mechs)
FAILING(gss_init_sec_context)
FAILING(gss_inquire_cred)
FAILING(gss_inquire_cred_by_mech)
FAILING(gss_release_buffer)
FAILING(gss_release_cred)
FAILING(gss_release_name)
FAILING(gss_release_oid_set)
FAILING(gss_test_oid_set_member)
FAILING(gss_verify_mic)
