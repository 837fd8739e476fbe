"""The law: pure rules of the 962200 regulation, one home per article, standard library only."""
